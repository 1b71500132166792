public import HTTPPipeline
import HTTPTypes

/// Parameters of the request's query: drf-extensions' `QueryParamsKeyBit`.
///
/// The value is an object of decoded names and values in code-point order of the names, so the order of the query does
/// not matter. A parameter that the query does not have is left out; an empty one is kept.
///
/// Handlers read a query in one of two ways: through `Exchange.queryParameters`, which decodes it as a form (`+` is a space, names are
/// decoded), or through Hummingbird's `uri.queryParameters`, which decodes no names and leaves `+` as it is. Requests that either way tells
/// apart have different keys: what the two read differently is written as it was sent, as an array of one text: `q=a+b` is
/// `{"q": ["q=a+b"]}`. ``Decoding/form`` gives the original's bytes. A handler that reads the target in a third way needs
/// ``TargetKeyBit``.
///
/// Unlike the original, which takes the last one, every value of a repeated parameter counts: they are written as an
/// array. A parameter that stands once has the bytes of the original.
public struct QueryParametersKeyBit: KeyBit, Hashable {
    /// What becomes of a parameter that stands more than once.
    public enum Repetition: Sendable, Hashable {
        /// Its values are written as an array.
        case all
        /// Its last value is written, as in the original. Only for handlers that read no other.
        case last
    }

    /// Which ways of reading a query are told apart.
    public enum Decoding: Sendable, Hashable {
        /// All: `a+b` and `a%20b` are two values, and `p%61ge` and `page` two names.
        case any
        /// That of HTML forms, as in the original: `a+b` and `a%20b` are one value. Only for handlers that read the query through
        /// `Exchange.queryParameters` or `QueryParameters`.
        case form
    }

    private let takesAll: Bool
    private let names: NamedMembers
    private let ignored: [NamePattern]
    private let repetition: Repetition
    private let decoding: Decoding

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - parameters: The decoded names of parameters, or `"*"` for all, which is the default. Positions stop the program.
    ///   - ignored: Names that never take part, for what has no influence on the response: `fbclid`. An asterisk stands for any
    ///     characters: `utm_*`.
    ///   - repetition: What becomes of a parameter that stands more than once.
    ///   - decoding: Which ways of reading a query are told apart.
    public init(
        _ parameters: KeyParameters = .all,
        ignoring ignored: [String] = [],
        repetition: Repetition = .all,
        decoding: Decoding = .any
    ) {
        self.init(parameters, ignored: ignored.map(NamePattern.init), repetition: repetition, decoding: decoding)
    }

    private init(_ parameters: KeyParameters, ignored: [NamePattern], repetition: Repetition, decoding: Decoding) {
        self.takesAll = parameters == .all
        self.names = NamedMembers(
            parameters.names(of: Self.self, expected: "names of parameters such as \"page\", \"*\" or nothing"))
        self.ignored = ignored
        self.repetition = repetition
        self.decoding = decoding
    }

    /// The query, and with ``Decoding/any`` the whole target: the bit writes an unusual target as it was sent.
    public var inputs: ExchangeInputs { decoding == .any ? .target : .query }

    /// Writes the object of names and values.
    ///
    /// - Complexity: O(length of the query) for each name, and for `"*"` besides O(n log n) in the number of parameters.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let target = exchange.request.path ?? ""
        writer.beginObject()
        if takesAll {
            if !writeUnusual(target, to: &writer) { writeAll(SentQuery(target: target).pairs, to: &writer) }
        } else if !names.members.isEmpty, !writePlain(target, to: &writer), !writeUnusual(target, to: &writer) {
            writeNamed(SentQuery(target: target), to: &writer)
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> QueryParametersKeyBit {
        QueryParametersKeyBit(parameters, ignored: ignored, repetition: repetition, decoding: decoding)
    }

    private func isIgnored(_ name: String) -> Bool {
        ignored.contains { $0.matches(name) }
    }

    /// Whether a pair takes no part, whatever way it is read.
    private func isIgnored(_ pair: SentQuery.Pair) -> Bool {
        guard !ignored.isEmpty, isIgnored(pair.name) else { return false }
        return pair.isPlain || decoding == .form || isIgnored(String(pair.sentName))
    }

    /// Writes a target that is no path of ASCII (RFC 3986 section 3), and that servers may therefore take apart in many ways, as a
    /// whole.
    ///
    /// - Returns: False, with nothing written, when the target is as it should be.
    private func writeUnusual(_ target: String, to writer: inout KeyWriter) -> Bool {
        guard decoding == .any, let first = target.utf8.first else { return false }
        guard first != UInt8(ascii: "/") || target.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        writer.name("")
        writer.beginArray()
        writer.write("target")
        writer.write(target)
        writer.endArray()
        return true
    }

    private func writeAll(_ pairs: [SentQuery.Pair], to writer: inout KeyWriter) {
        // The sort is stable: the values of one name keep their order.
        let sorted = pairs.filter { (decoding == .any || !$0.text.isEmpty) && !isIgnored($0) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var rest = sorted[...]
        while let first = rest.first {
            let same = rest.prefix { $0.name.utf8.elementsEqual(first.name.utf8) }
            rest = rest[same.endIndex...]
            writer.name(first.name)
            write(same, to: &writer)
        }
    }

    private func writeNamed(_ query: SentQuery, to writer: inout KeyWriter) {
        for member in names.members where !isIgnored(member.name) {
            let pairs =
                switch decoding {
                case .any: query.pairs(of: member.name)
                case .form: query.pairs.filter { !$0.text.isEmpty && $0.name.utf8.elementsEqual(member.utf8) }
                }
            guard !pairs.isEmpty else { continue }
            writer.name(encoded: member.encoded)
            write(pairs[...], to: &writer)
        }
    }

    private func write(_ pairs: ArraySlice<SentQuery.Pair>, to writer: inout KeyWriter) {
        guard pairs.count > 1 else { return write(pairs[pairs.startIndex], to: &writer) }
        guard repetition == .all else { return write(pairs[pairs.endIndex - 1], to: &writer) }
        writer.beginArray()
        for pair in pairs { write(pair, to: &writer) }
        writer.endArray()
    }

    /// Writes the value of a pair, or the pair as it was sent: in an array of one, which no values are.
    private func write(_ pair: SentQuery.Pair, to writer: inout KeyWriter) {
        guard decoding == .any, !pair.isPlain else { return writer.write(pair.value) }
        writer.beginArray()
        if pair.followsFragment { writer.write("#") }
        writer.write(String(pair.text))
        writer.endArray()
    }
}

extension QueryParametersKeyBit {
    /// Writes named parameters of a query that all read alike, straight from the request's target.
    ///
    /// - Returns: False, with nothing written, when the query has to be looked at more closely.
    private func writePlain(_ target: String, to writer: inout KeyWriter) -> Bool {
        // An empty pair is a parameter without name to some.
        guard names.members[0].utf8 != [] else { return false }
        let written = target.utf8.withContiguousStorageIfAvailable { bytes -> Bool in
            guard let first = bytes.first else { return true }
            guard first == UInt8(ascii: "/") else { return false }
            guard let mark = bytes.firstIndex(of: UInt8(ascii: "?")) else { return true }
            let query = UnsafeBufferPointer(rebasing: bytes[(mark + 1)...])
            return PlainQuery.withPairs(of: query) { pairs in
                for member in names.members where !isIgnored(member.name) { write(member, from: pairs, to: &writer) }
            }
        }
        return written ?? false
    }

    private func write(_ member: NamedMembers.Member, from query: PlainQuery, to writer: inout KeyWriter) {
        let (count, last) = query.find(member.utf8)
        guard count > 0 else { return }
        writer.name(encoded: member.encoded)
        guard count > 1, repetition == .all else { return writer.write(utf8: query.value(of: last)) }
        writer.beginArray()
        for index in query.pairs.indices where query.hasName(member.utf8, at: index) {
            writer.write(utf8: query.value(of: index))
        }
        writer.endArray()
    }
}
