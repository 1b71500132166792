public import HTTPPipeline
import HTTPTypes

/// Cookies of the request.
///
/// The value is an object of names and values as they were sent, in code-point order; a cookie that the request does not
/// have is left out. `"*"` takes the whole Cookie field: an array of its lines as they were sent.
///
/// Applications read cookies in several ways. Hummingbird's `request.cookies` takes the first one of a name and no space before the
/// equals sign; others trim (RFC 6265 section 5.2), or take the last one. Requests that any of them reads differently have different
/// keys: of a cookie that is repeated, or that not all of them read (`sid =dark`, `sid`), the value is an array of all such pairs as
/// they were sent.
///
/// drf-extensions has no such bit. Naming the session's cookie lets responses be cached per session while the cookies of
/// advertisers do no harm; only `"*"` separates the whole Cookie field.
public struct CookiesKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of cookies, or `"*"` for all. The default is none. A name that no cookie can have (an empty
    ///   one, or with `=`, `;` or spaces around it) stops the program.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        names = NamedMembers(
            parameters.names(
                of: Self.self, expected: "names of cookies such as \"session\", \"*\" or nothing", where: Self.isName))
    }

    /// The header fields.
    public var inputs: ExchangeInputs { .headerFields }

    /// The Cookie field, when every cookie takes part.
    public var separates: RequestSeparation { RequestSeparation(fields: takesAll ? [.cookie] : []) }

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
            // Swift compares as Hummingbird does: two spellings of one character are the same name.
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

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> CookiesKeyBit {
        CookiesKeyBit(parameters)
    }

    private struct Pair {
        /// The pair without the white space before it.
        let text: Substring
        let name: Substring
        /// What follows the first equals sign; nil without one.
        let value: Substring?
    }

    /// The pairs of a line, taken apart as Hummingbird does: by characters, not by bytes.
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
