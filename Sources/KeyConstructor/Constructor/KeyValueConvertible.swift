public import HTTPPipeline

/// A type whose values have a place in a key.
public protocol KeyValueConvertible {
    /// The value as a key has it. Different values have different key values.
    var keyValue: KeyValue { get }
}

extension ParameterValue: KeyValueConvertible {
    /// The value itself.
    public var keyValue: KeyValue { self }
}

extension String: KeyValueConvertible {
    /// The text.
    public var keyValue: KeyValue { .string(self) }
}

extension Int: KeyValueConvertible {
    /// The integer.
    public var keyValue: KeyValue { .integer(self) }
}

extension Bool: KeyValueConvertible {
    /// The truth value.
    public var keyValue: KeyValue { .bool(self) }
}

extension Double: KeyValueConvertible {
    /// The number.
    public var keyValue: KeyValue { .double(self) }
}
