public import HTTPPipeline

/// The statement by which a resource reads its data: drf-extensions' `ListSqlQueryKeyBit` and `RetrieveSqlQueryKeyBit`.
///
/// It reads the ``QueryDescription`` on the exchange. Without one, and for a statement that finds nothing, the value is
/// null; a malformed identifier is no error.
///
/// The original inlines bound values without quotes, so that `a = 1 AND b` may be one value or two conditions. Here a
/// statement without bound values is its text, which has the bytes of the original, and one with values is an array of the
/// text and the values. ``Style/inlined`` gives the original's bytes.
///
/// The bit tells queries apart, not states of the data.
public struct QueryDescriptionKeyBit: KeyBit, Hashable {
    /// Which of a resource's two statements is meant.
    public enum Subject: Sendable, Hashable {
        /// The one that lists the collection.
        case list
        /// The one that retrieves one object.
        case retrieve
    }

    /// How bound values are written.
    public enum Style: Sendable, Hashable {
        /// As an array of the statement and the values, which nothing else gives.
        case separate
        /// In place of the question marks, without quotes, as Django prints a query.
        case inlined
    }

    private let subject: Subject
    private let style: Style

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - subject: Which statement is meant.
    ///   - style: How bound values are written.
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
