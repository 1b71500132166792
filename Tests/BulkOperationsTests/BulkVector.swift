/// A recorded bulk request of drf-extensions, and its response.
struct BulkVector: Decodable {
    var name: String
    var setting_header_name: String?
    var method: String
    var path: String
    var headers: [String: String]
    var body: JSONText
    var expected: Expected
    var ours: Ours?

    struct Expected: Decodable {
        var status: Int
        var body: Body?
        var hooks: [Hook]
        var rows: [Row]
    }

    struct Body: Decodable {
        var detail: String?
    }

    /// The response here, with the number of the rule and the reason.
    struct Ours: Decodable {
        var status: Int
        var detail: String?
        var rule: String
        var why: String
    }

    /// A hook: its name, the number of rows, and what is written.
    struct Hook: Decodable {
        var count: Int

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            _ = try container.decode(String.self)
            count = try container.decode(Int.self)
        }
    }

    struct Row: Decodable {
        var id: Int
        var age: Int
        var last_name: String
        var nick: String

        var text: String { "\(id) \(age) \"\(last_name)\" \"\(nick)\"" }
    }

    /// A value of JSON as its text.
    struct JSONText: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                text = "null"
            } else if let value = try? container.decode(Int.self) {
                text = "\(value)"
            } else if let value = try? container.decode(Double.self) {
                text = "\(value)"
            } else if let value = try? container.decode(String.self) {
                text = "\"\(value)\""
            } else if let value = try? container.decode([JSONText].self) {
                text = "[" + value.map(\.text).joined(separator: ",") + "]"
            } else {
                let members = try container.decode([String: JSONText].self).sorted { $0.key < $1.key }
                text = "{" + members.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ",") + "}"
            }
        }
    }
}
