/// The edge that all faces share: requests and answers as values, the error boundary, the server.
@NullMarked
package dev.fanfare.http;

import org.jspecify.annotations.NullMarked;
