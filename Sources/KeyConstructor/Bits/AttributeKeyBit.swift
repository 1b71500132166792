public import HTTPPipeline

/// What the application put on the exchange under an `AttributeKey`, null without it.
///
/// drf-extensions has no such bit; a custom one takes its place there.
public struct AttributeKeyBit<Key: AttributeKey>: KeyBit where Key.Value: KeyValueConvertible {
    /// Creates the bit.
    public init(_ key: Key.Type) {}

    /// The attributes of the exchange.
    public var inputs: ExchangeInputs { .attributes }

    /// Writes the attribute.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange[Key.self]?.keyValue ?? .null)
    }
}

extension AttributeKeyBit: Hashable {}
