public import HTTPPipeline
import HTTPTypes

/// Parameters of the request's query: drf-extensions' `QueryParamsKeyBit`.
///
/// The value is an object of decoded names and values in code-point order of the names, so the order of the query is
/// irrelevant. A parameter that the query does not have is omitted; an empty one is kept.
///
/// Handlers decode a query in one of two ways: through `Exchange.queryParameters`, which decodes it as a form (`+` is a
/// space, names are decoded), or through Hummingbird's `uri.queryParameters`, which decodes neither names nor `+`. Requests
/// that either decoding distinguishes have different keys. The bit writes a pair that the two decode differently unchanged,
/// as an array of one text: `q=a+b` is `{"q": ["q=a+b"]}`. ``Decoding/form`` produces the bytes of drf-extensions. A handler
/// that decodes the target in a third way needs ``TargetKeyBit``.
///
/// The values of a repeated parameter are written as an array; drf-extensions writes the last one. A parameter that occurs
/// once has the bytes of drf-extensions.
public struct QueryParametersKeyBit: KeyBit, Hashable {
    /// The values that are written for a repeated parameter.
    public enum Repetition: Sendable, Hashable {
        /// All values, as an array.
        case all
        /// The last value, as in drf-extensions. Use it only for handlers that read no other value.
        case last
    }

    /// The decodings of a query that the key distinguishes.
    public enum Decoding: Sendable, Hashable {
        /// All decodings: `a+b` and `a%20b` are two values, and `p%61ge` and `page` two names.
        case any
        /// The decoding of HTML forms, as in drf-extensions: `a+b` and `a%20b` are one value. Use it only for handlers that
        /// read the query through `Exchange.queryParameters` or `QueryParameters`.
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
    ///   - ignored: Names that are always excluded because they do not influence the response: `fbclid`. An asterisk matches
    ///     any characters: `utm_*`.
    ///   - repetition: The values that are written for a repeated parameter.
    ///   - decoding: The decodings that the key distinguishes.
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

    /// The query. With ``Decoding/any`` also the path, because the bit writes an unusual target unchanged.
    public var inputs: ExchangeInputs { decoding == .any ? .target : .query }

    /// Writes the object of names and values.
    ///
    /// - Complexity: O(length of the query) for each name, and additionally O(n log n) in the number of parameters for
    ///   `"*"`.
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

    /// Returns the bit with other names.
    public func overriding(_ parameters: KeyParameters) -> QueryParametersKeyBit {
        QueryParametersKeyBit(parameters, ignored: ignored, repetition: repetition, decoding: decoding)
    }

    private func isIgnored(_ name: String) -> Bool {
        ignored.contains { $0.matches(name) }
    }

    /// Returns whether a pair is excluded in every decoding.
    private func isIgnored(_ pair: SentQuery.Pair) -> Bool {
        guard !ignored.isEmpty, isIgnored(pair.name) else { return false }
        return pair.isPlain || decoding == .form || isIgnored(String(pair.sentName))
    }

    /// Writes a target that is not an ASCII path (RFC 3986 section 3) as a whole, because servers parse it in different
    /// ways.
    ///
    /// - Returns: False, with nothing written, if the target is an ASCII path.
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

    /// Writes the value of a pair. A pair with several decodings is written unchanged in an array of one text, a form that
    /// no value has.
    private func write(_ pair: SentQuery.Pair, to writer: inout KeyWriter) {
        guard decoding == .any, !pair.isPlain else { return writer.write(pair.value) }
        writer.beginArray()
        if pair.followsFragment { writer.write("#") }
        writer.write(String(pair.text))
        writer.endArray()
    }
}

extension QueryParametersKeyBit {
    /// Writes named parameters of a query that every decoding reads alike, directly from the target.
    ///
    /// - Returns: False, with nothing written, if the query requires decoding.
    private func writePlain(_ target: String, to writer: inout KeyWriter) -> Bool {
        // Some decodings read an empty pair as a parameter without name.
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
