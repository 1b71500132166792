public import HTTPPipeline

/// Positional path parameters: drf-extensions' `ArgsKeyBit`.
///
/// The value is an array of the parameters as they are: an integer stays an integer. Unlike in the original, where a
/// position that does not exist fails the request, it is null.
public struct ArgumentsKeyBit: KeyBit, Hashable {
    private let parameters: KeyParameters

    /// Creates the bit.
    ///
    /// - Parameter parameters: Positions, of which negative ones count from the end and repeated ones stand repeatedly;
    ///   or `"*"` for all, which is the default.
    public init(_ parameters: KeyParameters = .all) {
        self.parameters = parameters
    }

    /// Writes the array of parameters.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let arguments = exchange.pathParameters.positional
        guard !takesAll else { return Self.writeAll(arguments, to: &writer) }
        writer.beginArray()
        switch parameters {
        case .indices(let indices):
            for index in indices {
                let position = index < 0 ? arguments.count + index : index
                writer.write(arguments.indices.contains(position) ? arguments[position] : .null)
            }
        case .all, .names, .nothing:
            break
        }
        writer.endArray()
    }

    /// Whether the bit takes every position.
    var takesAll: Bool { if case .all = parameters { true } else { false } }

    /// Writes the array of all parameters.
    static func writeAll(_ arguments: [ParameterValue], to writer: inout KeyWriter) {
        writer.beginArray()
        for argument in arguments { writer.write(argument) }
        writer.endArray()
    }

    /// The bit with other positions.
    public func overriding(_ parameters: KeyParameters) -> ArgumentsKeyBit {
        ArgumentsKeyBit(parameters)
    }
}
