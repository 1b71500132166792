public import HTTPPipeline

/// The values of a resource's rows: drf-extensions' `ListModelKeyBit` and `RetrieveModelKeyBit`.
///
/// It reads the ``ModelValues`` of the exchange. The value is a string, the Python `repr` of a list of tuples: `[(1,
/// 'Moscow', 'RU', 12, True)]`. Without rows it is null.
///
/// The value contains every row; drf-extensions stops after 20 rows. Rows are digested as they arrive.
public struct ModelValuesKeyBit: AsyncKeyBit, Hashable {
    private let subject: QueryDescriptionKeyBit.Subject

    /// Creates the bit.
    ///
    /// - Parameter subject: Selects the rows of the collection or the row of one object.
    public init(_ subject: QueryDescriptionKeyBit.Subject) {
        self.subject = subject
    }

    /// The attribute that supplies the rows, and the rows themselves.
    public var inputs: ExchangeInputs { [.attributes, .external] }

    /// Writes the rows in constant memory.
    ///
    /// - Throws: The error of the stream of rows.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        let values =
            switch subject {
            case .list: exchange[ListModelValues.self]
            case .retrieve: exchange[RetrieveModelValues.self]
            }
        guard let values else { return writer.writeNull() }
        var isFirst = true
        for try await row in try await values.rows() {
            if isFirst {
                writer.beginString()
                writer.append("[")
            } else {
                writer.append(", ")
            }
            isFirst = false
            writer.appendEscaped(KeyValue.pythonTuple(row))
        }
        guard !isFirst else { return writer.writeNull() }
        writer.append("]")
        writer.endString()
    }
}
