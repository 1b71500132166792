public import HTTPPipeline

/// Named path parameters: drf-extensions' `KwargsKeyBit`.
///
/// The value is an object of names and texts in code-point order. A parameter that is absent or null is omitted. Values are
/// converted to text as in Python: `5`, `True`, `1.0`, `['a', 1]`.
///
/// The parameters are the ones that the router passes to its handlers, without percent-decoding: `a%20b` and `a+b` are two
/// values.
public struct PathParametersKeyBit: KeyBit, Hashable {
    /// Whether the bit writes all parameters.
    let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of parameters, or `"*"` for all, which is the default. Positions stop the program;
    ///   ``ArgumentsKeyBit`` accepts them.
    public init(_ parameters: KeyParameters = .all) {
        takesAll = parameters == .all
        names = NamedMembers(parameters.names(of: Self.self))
    }

    /// The path parameters.
    public var inputs: ExchangeInputs { .pathParameters }

    /// Writes the object of names and texts.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        guard !takesAll else { return Self.writeAll(exchange.pathParameters.named, to: &writer) }
        writer.beginObject()
        for member in names.members {
            guard let value = exchange.pathParameters[member.name], let text = value.pythonText else {
                continue
            }
            writer.name(encoded: member.encoded)
            writer.write(text)
        }
        writer.endObject()
    }

    /// Writes the object of all names and texts.
    static func writeAll(_ named: [PathParameters.Parameter], to writer: inout KeyWriter) {
        writer.beginObject()
        for parameter in named {
            guard let text = parameter.value.pythonText else { continue }
            writer.name(parameter.name)
            writer.write(text)
        }
        writer.endObject()
    }

    /// Returns the bit with other names.
    public func overriding(_ parameters: KeyParameters) -> PathParametersKeyBit {
        PathParametersKeyBit(parameters)
    }
}
