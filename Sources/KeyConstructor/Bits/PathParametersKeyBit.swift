public import HTTPPipeline

/// Named path parameters: drf-extensions' `KwargsKeyBit`.
///
/// The value is an object of names and texts in code-point order; a parameter that is absent or null is left out. Values
/// become text as Python writes them: `5`, `True`, `1.0`. An array or an object becomes its canonical JSON.
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
                guard let text = Self.text(of: parameter.value) else { continue }
                writer.name(parameter.name)
                writer.write(text)
            }
        } else {
            for member in names.members {
                guard let value = exchange.pathParameters[member.name], let text = Self.text(of: value) else {
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

    private static func text(of value: KeyValue) -> String? {
        switch value {
        case .null: nil
        case .string(let value): value
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): String(value)
        case .double(let value): pythonDescription(of: value)
        case .array, .object: KeyWriter.text { $0.write(value) }
        }
    }
}
