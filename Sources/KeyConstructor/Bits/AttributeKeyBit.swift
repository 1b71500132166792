public import HTTPPipeline

/// The attribute that the exchange has for an `AttributeKey`, or null.
///
/// It has no counterpart in drf-extensions.
public struct AttributeKeyBit<Key: AttributeKey>: KeyBit where Key.Value: KeyValueConvertible {
    /// Creates the bit for the type of an attribute key.
    public init(_ key: Key.Type) {}

    /// The attributes of the exchange.
    public var inputs: ExchangeInputs { .attributes }

    /// Writes the attribute.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange[Key.self]?.keyValue ?? .null)
    }
}

extension AttributeKeyBit: Hashable {}
