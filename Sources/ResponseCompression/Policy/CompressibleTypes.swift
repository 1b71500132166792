/// A set of media types that are worth compressing.
///
/// A pattern is a type (`application/json`), all types of one kind (`text/*`), or all types with a suffix (`*/*+json`).
/// Letter case and parameters are ignored.
public struct CompressibleTypes: Sendable, Hashable {
    private let exact: [[UInt8]]
    private let prefixes: [[UInt8]]
    private let suffixes: [[UInt8]]

    /// Types of text and of formats based on text (JSON, XML, JavaScript, SVG), and WebAssembly and fonts that are not
    /// already compressed.
    public static let standard: CompressibleTypes = [
        "text/*", "*/*+json", "*/*+xml", "*/*+text", "application/json", "application/xml", "application/javascript",
        "application/x-javascript", "application/ecmascript", "application/x-ndjson", "application/jsonl",
        "application/graphql", "application/sql", "application/wasm", "application/yaml", "application/toml",
        "application/x-www-form-urlencoded", "font/ttf", "font/otf", "image/bmp", "image/x-icon",
    ]

    /// Creates a set of types from patterns.
    ///
    /// - Precondition: Each pattern has one of the three forms.
    public init(_ patterns: some Sequence<String>) {
        var (exact, prefixes, suffixes): ([[UInt8]], [[UInt8]], [[UInt8]]) = ([], [], [])
        for pattern in patterns {
            let bytes = Array(pattern.lowercased().utf8)
            precondition(
                pattern.utf8.filter { $0 == UInt8(ascii: "/") }.count == 1, "'\(pattern)' is no pattern of a media type"
            )
            if pattern.hasPrefix("*/*+") {
                suffixes.append(Array(bytes.dropFirst(3)))
            } else if pattern.hasSuffix("/*") {
                prefixes.append(Array(bytes.dropLast()))
            } else {
                exact.append(bytes)
            }
        }
        (self.exact, self.prefixes, self.suffixes) = (exact, prefixes, suffixes)
    }

    /// Returns whether the value of a Content-Type field is one of the types.
    ///
    /// - Complexity: O(number of patterns).
    public func contains(_ contentType: String) -> Bool {
        var contentType = contentType
        return contentType.withUTF8 { bytes in
            let end = bytes.firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: " ") } ?? bytes.count
            let type = UnsafeBufferPointer(rebasing: bytes[..<end])
            return prefixes.contains { Self.matches(type.prefix($0.count), $0) }
                || exact.contains { Self.matches(type[...], $0) }
                || suffixes.contains { type.count > $0.count && Self.matches(type.suffix($0.count), $0) }
        }
    }

    /// Returns whether a text equals a pattern, ignoring letter case.
    private static func matches(_ text: Slice<UnsafeBufferPointer<UInt8>>, _ pattern: [UInt8]) -> Bool {
        guard text.count == pattern.count else { return false }
        var index = text.startIndex
        for expected in pattern {
            let byte = text[index]
            let isUpperCase = byte &- UInt8(ascii: "A") < 26
            guard (isUpperCase ? byte | 0x20 : byte) == expected else { return false }
            index &+= 1
        }
        return true
    }
}

extension CompressibleTypes: ExpressibleByArrayLiteral {
    /// Creates a set of types from patterns.
    public init(arrayLiteral patterns: String...) {
        self.init(patterns)
    }
}
