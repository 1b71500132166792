import HTTPTypes

extension Shape {
    /// Shapes of responses, which a handler may derive from what clients sent.
    static let ofResponses: [Shape] =
        values.flatMap { field, texts in ofValue("response \(field)", texts) { $0.responseFields.append(field, $1) } }
        + [
            lines("Set-Cookie") { "a\($0)=1" }, lines("Vary") { "X-\($0)" }, lines("Cache-Control") { "a\($0)" },
            lines("Connection") { "X-\($0)" }, lines("Link") { "</\($0)>" }, lines("Age") { "\($0)" },
            lines("ETag") { "\"\($0)\"" }, lines("Content-Length") { "\($0)" }, lines("Content-Encoding") { "\($0)" },
            members("Vary") { "X-\($0)" }, members("Connection") { "X-\($0)" }, members("Cache-Control") { "a\($0)=1" },
            Shape(part: "response fields", name: "different names") { size in
                var load = Load()
                for number in 0..<size / 16 { load.responseFields.append("X-\(1000 + number)", "1") }
                return load
            },
            Shape(part: "response fields", name: "different names, all in Connection") { size in
                var load = Load()
                for number in 0..<size / 24 { load.responseFields.append("X-\(1000 + number)", "1") }
                load.responseFields.append("Connection", numbered(size / 3, separator: ",") { "X-\($0)" })
                return load
            },
            Shape(part: "tags", name: "many") { size in
                var load = Load()
                load.tags = (0..<size / 36).map { "tag \($0)" }
                return load
            },
            Shape(part: "tags", name: "too many") { size in
                var load = Load()
                load.tags = (0..<size).map { "tag \($0)" }
                return load
            },
            Shape(part: "tags", name: "a long one of combining marks") { size in
                var load = Load()
                load.tags = [filled("\u{345}\u{301}", size)]
                return load
            },
        ]

    private static let values: KeyValuePairs<String, [String]> = [
        "Vary": ["Accept, ", "*,", ",", " ", "accept-encoding,"],
        "Cache-Control": ["max-age=1, ", "a=\"\\\",", ",", "="],
        "Connection": ["close, ", ",", "Link,"],
        "ETag": ["a", "\"", "W/"],
        "Content-Type": ["application/json;", "a/", " "],
        "Content-Encoding": ["gzip, "],
        "Last-Modified": ["a"], "Expires": ["1"], "Age": ["9", ",", " "], "Date": ["a"], "Content-Length": ["1"],
    ]

    private static func lines(_ field: String, _ value: @escaping @Sendable (Int) -> String) -> Shape {
        Shape(part: "response fields", name: "lines of \(field)") { size in
            var load = Load()
            for number in 0..<size / 16 { load.responseFields.append(field, value(1000 + number)) }
            return load
        }
    }

    private static func members(_ field: String, _ value: @escaping @Sendable (Int) -> String) -> Shape {
        Shape(part: "response \(field)", name: "different members") { size in
            var load = Load()
            load.responseFields.append(field, numbered(size, separator: ", ", value))
            return load
        }
    }
}
