import Foundation
import NIOCore
import Repositories

extension FilterParser {
    /// Returns what filters in JSON select: `{"filters": {"population": {"gte": 1000}, "country": "AD"}}`, or the inner object alone.
    ///
    /// A value is compared for equality. An object has values by operators, with the names of query parameters: `{"gte": 1000}` is
    /// `population__gte=1000`. A list is a value of `in` and `range`.
    ///
    /// - Parameter json: The body.
    /// - Returns: The selection.
    /// - Throws: ``FilterError`` for the first filter that is unknown, not allowed or malformed, and ``FieldErrors`` for another body.
    /// - Complexity: O(length of the body).
    func parse(json: ByteBuffer) throws -> Selection {
        let invalid = FieldErrors(
            field: FieldErrors.nonFieldName, "Query data must be an object with filter parameters")
        guard case .object(var members) = try? JSONDecoder().decode(Value.self, from: Data(json.readableBytesView))
        else {
            throw invalid
        }
        if case .object(let filters)? = members["filters"], members.count == 1 { members = filters }
        var parameters: [(name: String, value: String)] = []
        for (field, value) in members.sorted(by: { $0.key < $1.key }) {
            guard case .object(let operators) = value else {
                parameters.append((field, try value.text(of: field)))
                continue
            }
            for (name, value) in operators.sorted(by: { $0.key < $1.key }) {
                let parameter = name == "exact" ? field : "\(field)__\(name)"
                let text = try value.text(of: parameter)
                // A blank text is contained in every text, so the filter would be none.
                guard !text.isEmpty || name == "exact" else {
                    throw FilterError(parameter, "This field may not be blank.")
                }
                parameters.append((parameter, text))
            }
        }
        return try parse(parameters).selection
    }

    /// A value of JSON.
    private enum Value: Decodable {
        case object([String: Value])
        case list([Value])
        case scalar(RowValue)

        init(from decoder: any Decoder) throws {
            if let object = try? decoder.container(keyedBy: AnyKey.self) {
                self = .object(
                    try object.allKeys.reduce(into: [:]) { $0[$1.text] = try object.decode(Value.self, forKey: $1) })
            } else if var list = try? decoder.unkeyedContainer() {
                var values: [Value] = []
                while !list.isAtEnd { values.append(try list.decode(Value.self)) }
                self = .list(values)
            } else {
                self = .scalar(try RowValue(from: decoder))
            }
        }

        /// Returns the value as that of a query parameter.
        func text(of parameter: String) throws(FilterError) -> String {
            switch self {
            case .scalar(.text(let text)): return text
            case .scalar(let value) where !value.isNull: return value.description
            case .list(let values):
                var texts: [String] = []
                for value in values {
                    let text = try value.text(of: parameter)
                    guard !text.contains(",") else {
                        throw FilterError(parameter, "A value in a list has a comma.")
                    }
                    texts.append(text)
                }
                return texts.joined(separator: ",")
            case .object, .scalar:
                throw FilterError(parameter, "Expected a text, a number, a Boolean or a list.")
            }
        }
    }

    private struct AnyKey: CodingKey {
        let text: String
        var stringValue: String { text }
        var intValue: Int? { nil }
        init?(stringValue: String) { text = stringValue }
        init?(intValue: Int) { nil }
    }
}
