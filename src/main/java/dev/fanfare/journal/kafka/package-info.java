/// The journal as one partition of a Kafka topic that every node follows.
@NullMarked
package dev.fanfare.journal.kafka;

import org.jspecify.annotations.NullMarked;
