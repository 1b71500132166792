extension RowQuery {
    /// Returns the selection of the query's rows, including the condition of its cursor, and checks the query.
    ///
    /// - Parameter fields: The fields that the query is about.
    /// - Returns: The equivalent valid selection.
    /// - Throws: ``SelectionError`` for a query that does not fit the fields, or with a negative limit or offset.
    public func completeSelection(in fields: FieldSet) throws(SelectionError) -> Selection {
        for term in order where fields[term.field] == nil { throw .unknownField(term.field) }
        for name in self.fields ?? [] where fields[name] == nil { throw .unknownField(name) }
        if let limit, limit < 0 { throw .invalidPage("the limit is negative") }
        if offset < 0 { throw .invalidPage("the offset is negative") }
        let selection = try selection.validated(against: fields)
        guard let after else { return selection }
        let terms = completeOrder(in: fields)
        guard after.count == terms.count else {
            throw .invalidPage("the cursor has \(after.count) values for \(terms.count) terms of the order")
        }
        var rest = Selection.none
        for (term, value) in zip(terms, after).reversed() {
            guard let field = fields[term.field] else { throw .unknownField(term.field) }
            rest = try field.following(value, isDescending: term.isDescending, orEqualAnd: rest)
        }
        return selection && rest
    }

    /// Returns the names of the fields that the query reads, in their order.
    public func columns(in fields: FieldSet) -> [String] {
        self.fields ?? fields.visibleNames
    }
}

extension FieldDescription {
    /// Returns the selection of rows that follow a value, or that have the value and are selected by another selection.
    fileprivate func following(
        _ value: RowValue, isDescending: Bool, orEqualAnd rest: Selection
    ) throws(SelectionError) -> Selection {
        if value.isNull {
            guard isOptional else { throw .invalidValue(field: name, message: FieldMessage.null) }
            let equal = Selection.isNull(name) && rest
            return isDescending ? equal : !Selection.isNull(name) || equal
        }
        let value = try comparable(value)
        var following = Selection.comparison(name, isDescending ? .less : .greater, value)
        // Null is less than every value.
        if isDescending, isOptional { following = following || .isNull(name) }
        if rest == .none { return following }
        let either = following || (.comparison(name, .equal, value) && rest)
        // The first condition lets a database begin in the middle of an index.
        return isDescending && isOptional
            ? either : .comparison(name, isDescending ? .lessOrEqual : .greaterOrEqual, value) && either
    }
}
