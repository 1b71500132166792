public import HTTPPipeline
import HTTPTypes

/// Cookies of the request.
///
/// The value is an object of unchanged names and values in code-point order. A cookie that the request does not have is
/// omitted. `"*"` selects the whole Cookie field: an array of its unchanged lines.
///
/// Applications parse cookies in different ways. Hummingbird's `request.cookies` returns the first cookie of a name and
/// permits no space before the equals sign; other parsers trim (RFC 6265 section 5.2) or return the last cookie. Requests
/// that one of these parsers distinguishes have different keys: for a cookie that is repeated, or that not all parsers read
/// (`sid =dark`, `sid`), the value is an array of all unchanged pairs.
///
/// The bit has no counterpart in drf-extensions. The name of the session cookie caches responses per session regardless of
/// advertising cookies. The bit separates the named cookies, and only `"*"` separates the whole Cookie field.
public struct CookiesKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of cookies, or `"*"` for all. The default is none. A name that no cookie can have
    ///   (an empty name, or one with `=`, `;` or surrounding spaces) stops the program.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        names = NamedMembers(
            parameters.names(
                of: Self.self, expected: "names of cookies such as \"session\", \"*\" or nothing", where: Self.isName))
    }

    /// The header fields.
    public var inputs: ExchangeInputs { .headerFields }

    /// The Cookie field, if the bit writes all cookies, otherwise the named cookies.
    public var separates: RequestSeparation {
        takesAll ? RequestSeparation(fields: [.cookie]) : .cookies(Set(names.members.map(\.name)))
    }

    /// Writes the object of names and values. O(size of the Cookie field) for each name.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let lines = exchange.request.headerFields[values: .cookie]
        guard !takesAll else {
            writer.beginArray()
            for line in lines { writer.write(line) }
            return writer.endArray()
        }
        writer.beginObject()
        let pairs = lines.isEmpty ? [] : lines.flatMap(Self.pairs)
        for member in names.members {
            // Swift's comparison equals Hummingbird's: two spellings of one character are the same name.
            let found = pairs.filter {
                $0.name.isSpelling(of: member.name) || Self.trimmed($0.name).isSpelling(of: member.name)
            }
            guard let first = found.first else { continue }
            writer.name(encoded: member.encoded)
            if found.count == 1, let value = first.value, first.name.utf8.elementsEqual(member.utf8) {
                writer.write(String(value))
            } else {
                writer.beginArray()
                for pair in found { writer.write(String(pair.text)) }
                writer.endArray()
            }
        }
        writer.endObject()
    }

    /// Returns the bit with other names.
    public func overriding(_ parameters: KeyParameters) -> CookiesKeyBit {
        CookiesKeyBit(parameters)
    }

    private struct Pair {
        /// The pair without leading white space.
        let text: Substring
        let name: Substring
        /// The text after the first equals sign; nil without one.
        let value: Substring?
    }

    /// Returns the pairs of a line, split by characters instead of bytes, as Hummingbird does.
    private static func pairs(of line: String) -> [Pair] {
        line.split { $0.isSpelling(of: ";") }.map { part in
            let text = part.drop(while: \.isWhitespace)
            guard let equals = text.firstIndex(where: { $0.isSpelling(of: "=") }) else {
                return Pair(text: text, name: text, value: nil)
            }
            return Pair(text: text, name: text[..<equals], value: text[text.index(after: equals)...])
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        return start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.contains { $0 == "=" || $0 == ";" } && trimmed(name[...]) == name
    }
}
