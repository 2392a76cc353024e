package dev.fanfare.journal.kafka;

import java.io.IOException;
import kafka.Kafka;

/// A broker that ends when whoever started it does, which is when its standard input ends.
final class BrokerProcess {
  private BrokerProcess() {}

  /// Runs the broker.
  ///
  /// @param arguments the file of its properties
  public static void main(String[] arguments) {
    Thread.ofPlatform().daemon().name("parent").start(BrokerProcess::endWithParent);
    Kafka.main(arguments);
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nobody says anything.
      }
    } catch (IOException _) {
      // The end as well.
    }
    Runtime.getRuntime().halt(0);
  }
}
