public import HTTPPipeline

/// A type whose values convert to a ``KeyValue``.
public protocol KeyValueConvertible {
    /// The converted value. Different values have different key values.
    var keyValue: KeyValue { get }
}

extension ParameterValue: KeyValueConvertible {
    /// The unchanged value.
    public var keyValue: KeyValue { self }
}

extension String: KeyValueConvertible {
    /// The text as a JSON string.
    public var keyValue: KeyValue { .string(self) }
}

extension Int: KeyValueConvertible {
    /// The number as a JSON integer.
    public var keyValue: KeyValue { .integer(self) }
}

extension Bool: KeyValueConvertible {
    /// The value as a JSON Boolean.
    public var keyValue: KeyValue { .bool(self) }
}

extension Double: KeyValueConvertible {
    /// The number in the format of Python.
    public var keyValue: KeyValue { .double(self) }
}

/// The value of a key bit: null, a Boolean, an integer, a floating-point number, a string, an array or an object.
///
/// It is the same type as a path parameter's value, so a parameter can be written into a key without conversion.
public typealias KeyValue = ParameterValue
