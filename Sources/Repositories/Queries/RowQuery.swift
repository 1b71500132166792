/// What to read from a ``Repository``: rows, their order, a page of them, and their fields.
public struct RowQuery: Sendable, Hashable, Codable {
    /// The rows.
    public var selection: Selection

    /// The order. The key is added as the last term, in the direction of the term before it, unless it is there, so that
    /// the order of any two rows is defined.
    public var order: [RowOrder]

    /// The maximum number of rows, or nil for all.
    public var limit: Int?

    /// The number of rows to skip.
    public var offset: Int

    /// The values of a row for each term of ``completeOrder(in:)``. Only rows after that one are read. Nil reads from the start.
    public var after: [RowValue]?

    /// The names of the fields to read, or nil for all visible fields.
    public var fields: [String]?

    /// Creates a query.
    ///
    /// - Parameters:
    ///   - selection: The rows.
    ///   - order: The order, to which the key is added.
    ///   - limit: The maximum number of rows, or nil for all.
    ///   - offset: The number of rows to skip.
    ///   - fields: The names of the fields to read, or nil for all visible fields.
    public init(
        _ selection: Selection = .all, order: [RowOrder] = [], limit: Int? = nil, offset: Int = 0,
        fields: [String]? = nil
    ) {
        self.selection = selection
        self.order = order
        self.limit = limit
        self.offset = offset
        self.fields = fields
    }

    /// Returns the order with the key as the last term. Terms that repeat a field and terms after the key have no effect
    /// and are left out.
    public func completeOrder(in fields: FieldSet) -> [RowOrder] {
        var terms: [RowOrder] = []
        for term in order where !terms.contains(where: { $0.field == term.field }) {
            terms.append(term)
            if term.field == fields.key.name { return terms }
        }
        terms.append(RowOrder(fields.key.name, isDescending: terms.last?.isDescending ?? false))
        return terms
    }

    /// Returns the values that continue a list after a row: one for each term of the complete order, or nil if the batch
    /// does not have a field of the order.
    public func cursor(after row: Int, of batch: RowBatch, in fields: FieldSet) -> [RowValue]? {
        var values: [RowValue] = []
        for term in completeOrder(in: fields) {
            guard let value = batch.value(row: row, field: term.field) else { return nil }
            values.append(value)
        }
        return values
    }
}
