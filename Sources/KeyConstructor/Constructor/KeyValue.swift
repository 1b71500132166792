public import HTTPPipeline

/// The value of a key bit: null, a truth value, an integer, a floating-point number, a string, an array or an object.
///
/// It is the same type as a path parameter's value, so that a parameter goes into a key as it is.
public typealias KeyValue = ParameterValue
