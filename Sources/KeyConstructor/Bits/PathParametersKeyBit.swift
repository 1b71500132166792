public import HTTPPipeline

/// Named path parameters: drf-extensions' `KwargsKeyBit`.
///
/// The value is an object of names and texts in code-point order; a parameter that is absent or null is left out. Values
/// become text as Python writes them: `5`, `True`, `1.0`, `['a', 1]`.
public struct PathParametersKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of parameters, or `"*"` for all, which is the default.
    public init(_ parameters: KeyParameters = .all) {
        takesAll = parameters == .all
        names = NamedMembers(parameters.nameList)
    }

    /// Writes the object of names and texts.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.beginObject()
        if takesAll {
            for parameter in exchange.pathParameters.named {
                guard let text = parameter.value.pythonText else { continue }
                writer.name(parameter.name)
                writer.write(text)
            }
        } else {
            for member in names.members {
                guard let value = exchange.pathParameters[member.name], let text = value.pythonText else {
                    continue
                }
                writer.name(encoded: member.encoded)
                writer.write(text)
            }
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> PathParametersKeyBit {
        PathParametersKeyBit(parameters)
    }
}
