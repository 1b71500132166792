extension Field {
    /// Returns the selection of rows whose value equals a value.
    public static func == (field: Field, value: Value) -> Selection {
        .comparison(field.name, .equal, value.rowValue)
    }

    /// Returns the selection of rows whose value is neither null nor equal to a value.
    public static func != (field: Field, value: Value) -> Selection {
        .comparison(field.name, .notEqual, value.rowValue)
    }

    /// Returns the selection of rows whose value is less than a value.
    public static func < (field: Field, value: Value) -> Selection {
        .comparison(field.name, .less, value.rowValue)
    }

    /// Returns the selection of rows whose value is less than or equal to a value.
    public static func <= (field: Field, value: Value) -> Selection {
        .comparison(field.name, .lessOrEqual, value.rowValue)
    }

    /// Returns the selection of rows whose value is greater than a value.
    public static func > (field: Field, value: Value) -> Selection {
        .comparison(field.name, .greater, value.rowValue)
    }

    /// Returns the selection of rows whose value is greater than or equal to a value.
    public static func >= (field: Field, value: Value) -> Selection {
        .comparison(field.name, .greaterOrEqual, value.rowValue)
    }

    /// Returns the selection of rows whose value is one of several values. Without values it selects no row.
    public func `in`(_ values: [Value]) -> Selection {
        .values(name, values.map(\.rowValue))
    }

    /// Returns the selection of rows whose value is between two values, which are included.
    public func between(_ lower: Value, _ upper: Value) -> Selection {
        .range(name, lower.rowValue, upper.rowValue)
    }

    /// The selection of rows whose value is null.
    public var isNull: Selection { .isNull(name) }

    /// The order by this field, from the smallest value to the greatest.
    public var ascending: RowOrder { RowOrder(name) }

    /// The order by this field, from the greatest value to the smallest.
    public var descending: RowOrder { RowOrder(name, isDescending: true) }
}

extension Field where Value == String {
    /// Returns the selection of rows whose text begins with a text, compared by bytes.
    public func hasPrefix(_ text: String) -> Selection {
        .comparison(name, .startsWith, .text(text))
    }

    /// Returns the selection of rows whose text ends with a text, compared by bytes.
    public func hasSuffix(_ text: String) -> Selection {
        .comparison(name, .endsWith, .text(text))
    }

    /// Returns the selection of rows whose text contains a text, compared by bytes.
    public func contains(_ text: String) -> Selection {
        .comparison(name, .contains, .text(text))
    }
}
