public import HTTPPipeline
import HTTPTypes

/// Parameters of the request's query: drf-extensions' `QueryParamsKeyBit`.
///
/// The value is an object of decoded names and values in code-point order of the names, so the order of the query does
/// not matter. A parameter that the query does not have is left out; an empty one is kept.
///
/// The handler has to read the query as the key does, through `Exchange.queryParameters` or `QueryParameters`. One that
/// decodes in another way (Hummingbird's `uri.queryParameters` decodes no names and leaves `+` as it is) could answer two
/// requests differently that have one key; ``TargetKeyBit`` is right for any handler.
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

    private let takesAll: Bool
    private let names: NamedMembers
    private let ignored: [NamePattern]
    private let repetition: Repetition

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - parameters: The names of parameters, or `"*"` for all, which is the default.
    ///   - ignored: Names that never take part, for what has no influence on the answer: `fbclid`. An asterisk stands for any
    ///     characters: `utm_*`.
    ///   - repetition: What becomes of a parameter that stands more than once.
    public init(_ parameters: KeyParameters = .all, ignoring ignored: [String] = [], repetition: Repetition = .all) {
        self.takesAll = parameters == .all
        self.ignored = ignored.map(NamePattern.init)
        self.names = NamedMembers(parameters.nameList)
        self.repetition = repetition
    }

    /// Writes the object of names and values. O(length of the query) for each name.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.beginObject()
        let target = exchange.request.path ?? ""
        if takesAll {
            writeAll(QueryParameters(target: target).parameters, to: &writer)
        } else if !names.members.isEmpty, !writePlain(target, to: &writer) {
            writeNamed(QueryParameters(target: target), to: &writer)
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> QueryParametersKeyBit {
        QueryParametersKeyBit(parameters, ignored: ignored, repetition: repetition)
    }

    private init(_ parameters: KeyParameters, ignored: [NamePattern], repetition: Repetition) {
        self.takesAll = parameters == .all
        self.names = NamedMembers(parameters.nameList)
        self.ignored = ignored
        self.repetition = repetition
    }

    private func isIgnored(_ name: String) -> Bool {
        ignored.contains { $0.matches(name) }
    }

    private func writeAll(_ parameters: [QueryParameters.Parameter], to writer: inout KeyWriter) {
        // The sort is stable: the values of one name keep their order.
        var rest = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }[...]
        while let first = rest.first {
            let same = rest.prefix { $0.name.utf8.elementsEqual(first.name.utf8) }
            rest = rest[same.endIndex...]
            guard !isIgnored(first.name) else { continue }
            writer.name(first.name)
            write(same.map(\.value), to: &writer)
        }
    }

    private func writeNamed(_ query: QueryParameters, to writer: inout KeyWriter) {
        for member in names.members where !isIgnored(member.name) {
            let values = query.values(for: member.name)
            guard !values.isEmpty else { continue }
            writer.name(encoded: member.encoded)
            write(values, to: &writer)
        }
    }

    private func write(_ values: [String], to writer: inout KeyWriter) {
        if values.count == 1 || repetition == .last {
            writer.write(values[values.count - 1])
        } else {
            writer.beginArray()
            for value in values { writer.write(value) }
            writer.endArray()
        }
    }
}

extension QueryParametersKeyBit {
    /// Writes named parameters of a query in which nothing is encoded, straight from the request's target.
    ///
    /// - Returns: False, with nothing written, when the query has to be decoded.
    private func writePlain(_ target: String, to writer: inout KeyWriter) -> Bool {
        let written = target.utf8.withContiguousStorageIfAvailable { bytes -> Bool in
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
