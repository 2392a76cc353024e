/// JSON that is passed on as it was sent: what both the faces and the webhooks read.
@NullMarked
package dev.fanfare.json;

import org.jspecify.annotations.NullMarked;
