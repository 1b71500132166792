public import HTTPPipeline

/// Positional path parameters: drf-extensions' `ArgsKeyBit`.
///
/// The value is an array of the unconverted parameters: an integer stays an integer. A position that does not exist is null;
/// in drf-extensions it fails the request.
public struct ArgumentsKeyBit: KeyBit, Hashable {
    /// Whether the bit writes every position.
    let takesAll: Bool
    private let indices: [Int]

    /// Creates the bit.
    ///
    /// - Parameter parameters: Positions, or `"*"` for all, which is the default. Negative positions count from the end, and
    ///   positions can be repeated. Names stop the program.
    public init(_ parameters: KeyParameters = .all) {
        takesAll = parameters == .all
        indices = parameters.indices(of: Self.self)
    }

    /// The path parameters.
    public var inputs: ExchangeInputs { .pathParameters }

    /// Writes the array of parameters.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let arguments = exchange.pathParameters.positional
        guard !takesAll else { return Self.writeAll(arguments, to: &writer) }
        writer.beginArray()
        for index in indices {
            let position = index < 0 ? arguments.count + index : index
            writer.write(arguments.indices.contains(position) ? arguments[position] : .null)
        }
        writer.endArray()
    }

    /// Writes the array of all parameters.
    static func writeAll(_ arguments: [ParameterValue], to writer: inout KeyWriter) {
        writer.beginArray()
        for argument in arguments { writer.write(argument) }
        writer.endArray()
    }

    /// Returns the bit with other positions.
    public func overriding(_ parameters: KeyParameters) -> ArgumentsKeyBit {
        ArgumentsKeyBit(parameters)
    }
}
