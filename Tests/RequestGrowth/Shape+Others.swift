import HTTPTypes
import NIOCore

extension Shape {
    /// Shapes of the authority, of many fields, and of the body.
    static let ofOthers: [Shape] =
        ofValue("authority", ["a", ":", ".", "]", "A"]) { $0.authority = $1 }
        + [
            fields("different names") { HTTPField.Name(known: "X-\($0)") },
            fields("names with underscores") { HTTPField.Name(known: $0 % 2 == 0 ? "X_\($0)" : "X-\($0 - 1)") },
            fields("one name") { _ in HTTPField.Name(known: "X-Tenant") },
            fields("one name in two spellings") { HTTPField.Name(known: $0 % 2 == 0 ? "X-Tenant" : "X_Tenant") },
        ]
        + [
            "Cookie", "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection",
            "If-None-Match",
            "If-Match", "If-Modified-Since", "If-Range", "Range", "Host", "Content-Length", "TE", "Transfer-Encoding",
        ].map { name in fields("lines of \(name)") { _ in HTTPField.Name(known: name) } }
        + [
            Shape(part: "fields", name: "a long name") { size in
                var load = Load()
                load.fields.append("X" + filled("-a", size), "1")
                return load
            },
            Shape(part: "body", name: "text") { size in
                var load = Load()
                load.body = ByteBuffer(string: filled("a", size))
                return load
            },
        ]

    private static func fields(_ name: String, _ field: @escaping @Sendable (Int) -> HTTPField.Name) -> Shape {
        Shape(part: "fields", name: name) { size in
            var load = Load()
            for number in 0..<size / 16 {
                load.fields.append(HTTPField(name: field(1000 + number), value: "a=\(1000 + number)"))
            }
            return load
        }
    }
}
