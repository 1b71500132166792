public import HTTPPipeline

/// The statement with which a resource reads its data: drf-extensions' `ListSqlQueryKeyBit` and `RetrieveSqlQueryKeyBit`.
///
/// It reads the ``QueryDescription`` of the exchange. Without one, and for a statement that finds nothing, the value is
/// null. A malformed identifier is not an error.
///
/// drf-extensions inlines bound values without quotes, so `a = 1 AND b` can be one value or two conditions. This bit writes
/// a statement without bound values as its text, which equals the bytes of drf-extensions, and a statement with values as an
/// array of the text and the values. ``Style/inlined`` produces the bytes of drf-extensions.
///
/// The bit distinguishes queries, not states of the data.
public struct QueryDescriptionKeyBit: KeyBit, Hashable {
    /// Selects one of a resource's two statements.
    public enum Subject: Sendable, Hashable {
        /// The statement that lists the collection.
        case list
        /// The statement that retrieves one object.
        case retrieve
    }

    /// The format of bound values.
    public enum Style: Sendable, Hashable {
        /// An array of the statement and the values, which is unambiguous.
        case separate
        /// The values in place of the question marks, without quotes, as Django prints a query.
        case inlined
    }

    private let subject: Subject
    private let style: Style

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - subject: Selects the statement.
    ///   - style: The format of bound values.
    public init(_ subject: Subject, style: Style = .separate) {
        self.subject = subject
        self.style = style
    }

    /// The attributes of the exchange.
    public var inputs: ExchangeInputs { .attributes }

    /// Writes the statement and its values.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let query =
            switch subject {
            case .list: exchange[ListQuery.self]
            case .retrieve: exchange[RetrieveQuery.self]
            }
        guard let query, !query.isEmpty else { return writer.writeNull() }
        if query.values.isEmpty {
            writer.write(query.statement)
        } else if style == .inlined {
            writer.write(Self.inlined(query))
        } else {
            writer.beginArray()
            writer.write(query.statement)
            for value in query.values { writer.write(value) }
            writer.endArray()
        }
    }

    private static func inlined(_ query: QueryDescription) -> String {
        var values = query.values.makeIterator()
        return query.statement.reduce(into: "") { text, character in
            if character == "?", let value = values.next() {
                text += value.pythonText ?? "None"
            } else {
                text.append(character)
            }
        }
    }
}
