import HTTPPipeline
import KeyConstructor

/// A recorded value with its Python type: `{"t": "int", "v": "5"}`.
struct TypedValue: Decodable {
    /// The value, or nil when a key cannot contain it: what Python rejects, and lone surrogates.
    let value: KeyValue?

    private enum CodingKeys: String, CodingKey { case t, v }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(String.self, forKey: .t) {
        case "str": value = .string(try container.decode(String.self, forKey: .v))
        case "bool": value = .bool(try container.decode(Bool.self, forKey: .v))
        case "null": value = .null
        case "int":
            let digits = try container.decode(String.self, forKey: .v)
            value = Int(digits).map { .integer($0) } ?? LargeInteger(digits).map { .largeInteger($0) }
        case "float":
            value = Double(try container.decode(String.self, forKey: .v)).map { .double($0) }
        case "list", "tuple":
            let elements = try container.decode([TypedValue].self, forKey: .v).map(\.value)
            value = elements.contains(nil) ? nil : .array(elements.compactMap(\.self))
        case "dict":
            let members = try container.decode([[TypedValue]].self, forKey: .v).map(Self.member)
            value = members.contains(nil) ? nil : .object(members.compactMap(\.self))
        default: value = nil
        }
    }

    /// A name and a value. Python converts names that are numbers, Booleans or null to text, and so must
    /// the creator of such an object here.
    private static func member(of pair: [TypedValue]) -> KeyValue.Member? {
        guard let value = pair.last?.value else { return nil }
        switch pair.first?.value {
        case .string(let name)?: return KeyValue.Member(name, value)
        case .bool(let name)?: return KeyValue.Member(name ? "true" : "false", value)
        case .null?: return KeyValue.Member("null", value)
        case .double(1e16)?: return KeyValue.Member("1e+16", value)
        case .double(let name)?: return KeyValue.Member("\(name)", value)
        default: return nil
        }
    }
}
