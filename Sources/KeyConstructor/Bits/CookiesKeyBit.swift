public import HTTPPipeline
import HTTPTypes

/// Cookies of the request.
///
/// The value is an object of names and values as they were sent, in code-point order; a cookie that the request does not
/// have is left out. Of a repeated one the first counts, as most servers read them; `"*"` takes all its values, as an array.
///
/// drf-extensions has no such bit. Naming the session's cookie lets answers be cached per session while the cookies of
/// advertisers do no harm; only `"*"` separates the whole Cookie field.
public struct CookiesKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of cookies, or `"*"` for all. The default is none.
    public init(_ parameters: KeyParameters = .nothing) {
        takesAll = parameters == .all
        names = NamedMembers(parameters.nameList)
    }

    /// The Cookie field, when every cookie takes part.
    public var separates: RequestSeparation { RequestSeparation(fields: takesAll ? [.cookie] : []) }

    /// Writes the object of names and values.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.beginObject()
        let cookies = Self.cookies(in: exchange.request.headerFields)
        if takesAll {
            // The sort is stable: the values of one name keep their order.
            var rest = cookies.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }[...]
            while let first = rest.first {
                let same = rest.prefix { $0.name.utf8.elementsEqual(first.name.utf8) }
                rest = rest[same.endIndex...]
                writer.name(first.name)
                writer.write(same.count == 1 ? .string(first.value) : .array(same.map { .string($0.value) }))
            }
        } else {
            for member in names.members {
                guard let cookie = cookies.first(where: { $0.name.utf8.elementsEqual(member.name.utf8) }) else {
                    continue
                }
                writer.name(encoded: member.encoded)
                writer.write(cookie.value)
            }
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> CookiesKeyBit {
        CookiesKeyBit(parameters)
    }

    private static func cookies(in fields: HTTPFields) -> [(name: String, value: String)] {
        guard let field = fields[.cookie] else { return [] }
        return field.split(separator: ";").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            return parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        let start = text.drop(while: isSpace)
        return String(start.prefix(upTo: start.lastIndex { !isSpace($0) }.map(start.index(after:)) ?? start.startIndex))
    }
}
