public import HTTPPipeline

/// The value of a key bit: null, a Boolean, an integer, a floating-point number, a string, an array or an object.
///
/// It is the same type as a path parameter's value, so a parameter can be written into a key without conversion.
public typealias KeyValue = ParameterValue
