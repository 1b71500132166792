public import HTTPPipeline

/// Parameters of the request's query: drf-extensions' `QueryParamsKeyBit`.
///
/// The value is an object of decoded names and values in code-point order of the names, so the order of the query does
/// not matter. A parameter that the query does not have is left out; an empty one is kept.
///
/// Unlike the original, which takes the last one, every value of a repeated parameter counts: they are written as an
/// array. A parameter that stands once has the bytes of the original.
public struct QueryParametersKeyBit: KeyBit, Hashable {
    private let takesAll: Bool
    private let names: NamedMembers

    /// Creates the bit.
    ///
    /// - Parameter parameters: The names of parameters, or `"*"` for all, which is the default.
    public init(_ parameters: KeyParameters = .all) {
        takesAll = parameters == .all
        names = NamedMembers(parameters.nameList)
    }

    /// Writes the object of names and values. O(length of the query).
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.beginObject()
        if takesAll {
            writeAll(exchange.queryParameters.parameters, to: &writer)
        } else if !names.members.isEmpty {
            let query = exchange.queryParameters
            for member in names.members {
                let values = query.values(for: member.name)
                guard !values.isEmpty else { continue }
                writer.name(encoded: member.encoded)
                write(values[...], to: &writer)
            }
        }
        writer.endObject()
    }

    /// The bit with other names.
    public func overriding(_ parameters: KeyParameters) -> QueryParametersKeyBit {
        QueryParametersKeyBit(parameters)
    }

    private func writeAll(_ parameters: [QueryParameters.Parameter], to writer: inout KeyWriter) {
        // The sort is stable: the values of one name keep their order.
        var rest = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }[...]
        while let first = rest.first {
            let same = rest.prefix { $0.name.utf8.elementsEqual(first.name.utf8) }
            rest = rest[same.endIndex...]
            writer.name(first.name)
            write(same.map(\.value)[...], to: &writer)
        }
    }

    private func write(_ values: ArraySlice<String>, to writer: inout KeyWriter) {
        if values.count == 1 {
            writer.write(values[values.startIndex])
        } else {
            writer.beginArray()
            for value in values { writer.write(value) }
            writer.endArray()
        }
    }
}
