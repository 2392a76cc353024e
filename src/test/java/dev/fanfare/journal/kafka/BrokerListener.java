package dev.fanfare.journal.kafka;

import java.util.function.IntUnaryOperator;

/// A listener that every broker has beside the one that brokers and tests use.
///
/// @param name in upper case
/// @param protocol as Kafka names it, such as SASL_SSL
/// @param properties further lines of a broker's properties, which the listener needs
/// @param seen where clients find the listener at a port: the same port, or that of a relay
public record BrokerListener(
    String name, String protocol, String properties, IntUnaryOperator seen) {}
