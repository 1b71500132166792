/// Turns query parameters into a selection and an order, as far as the fields allow it.
///
/// `country=AD`, `population__lt=1000`, `id__in=1,2,3`, `population__range=1,9`, `name__startswith=B` and `area__isnull=true`
/// are filters, all of which a row has to pass. `ordering=-population,name` is an order.
public struct FilterParser: Sendable {
    /// What the parameters select.
    public struct Result: Sendable, Hashable {
        /// The rows that pass all filters.
        public var selection: Selection = .all

        /// The order, or an empty array without the parameter.
        public var order: [RowOrder] = []

        /// Creates the result of no parameters.
        public init() {}
    }

    private let fields: FieldSet
    private let orderParameter: String
    private let ignored: Set<String>

    /// The maximum number of filters.
    public static let maximumFilterCount = 100

    /// Creates a parser.
    ///
    /// - Parameters:
    ///   - fields: The fields and their allowed filters.
    ///   - orderParameter: The name of the parameter with the order.
    ///   - ignored: The names of the parameters that are neither filters nor the order, such as `page`.
    public init(_ fields: FieldSet, orderParameter: String = "ordering", ignoring ignored: Set<String> = []) {
        self.fields = fields
        self.orderParameter = orderParameter
        self.ignored = ignored
    }

    /// Returns what parameters select.
    ///
    /// - Parameter parameters: The decoded names and values of all parameters.
    /// - Returns: The selection, which is valid for the fields, and the order.
    /// - Throws: ``FilterError`` for the first parameter that is unknown, not allowed or malformed.
    /// - Complexity: O(length of the parameters).
    public func parse(_ parameters: some Sequence<(name: String, value: String)>) throws(FilterError) -> Result {
        var result = Result()
        var selections: [Selection] = []
        var budget = Selection.maximumTermCount
        for (name, value) in parameters where !ignored.contains(name) {
            if name == orderParameter {
                result.order += try order(value)
                continue
            }
            guard selections.count < Self.maximumFilterCount else {
                throw FilterError(name, "There are more than \(Self.maximumFilterCount) filters.")
            }
            selections.append(try selection(name, value, budget: &budget))
        }
        result.selection = selections.reduce(.all) { $0 && $1 }
        return result
    }

    /// Returns the selection of one filter.
    ///
    /// - Parameters:
    ///   - name: The decoded name of the parameter.
    ///   - value: Its decoded value.
    /// - Returns: The selection, which is valid for the fields.
    /// - Throws: ``FilterError`` for a filter that is unknown, not allowed or malformed.
    public func selection(_ name: String, _ value: String) throws(FilterError) -> Selection {
        var budget = Selection.maximumTermCount
        return try selection(name, value, budget: &budget)
    }

    /// Returns the order that a list of names describes. A minus before a name reverses its direction.
    ///
    /// - Parameter value: Names of sorted fields, separated by commas.
    /// - Returns: The terms of the order.
    /// - Throws: ``FilterError`` for a name that is unknown or not allowed.
    public func order(_ value: String) throws(FilterError) -> [RowOrder] {
        guard value.utf8.count <= FieldSet.maximumNameLength * fields.fields.count * 2 else {
            throw FilterError(orderParameter, "The order is too long.")
        }
        var terms: [RowOrder] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            let isDescending = part.utf8.first == UInt8(ascii: "-")
            let name = String(isDescending ? part.dropFirst() : part)
            guard let field = fields[name], field.isSorted || field.isKey else {
                throw FilterError(orderParameter, FieldMessage.choice(name))
            }
            terms.append(RowOrder(field.name, isDescending: isDescending))
        }
        return terms
    }
}

// MARK: - Filters

extension FilterParser {
    private func selection(_ name: String, _ value: String, budget: inout Int) throws(FilterError) -> Selection {
        guard let (field, filter) = filter(named: name) else { throw FilterError(name, "Unknown parameter.") }
        budget -= 1 + value.utf8.count { $0 == UInt8(ascii: ",") }
        guard budget >= 0 else {
            throw FilterError(name, "There are more than \(Selection.maximumTermCount) values.")
        }
        let maximum = filter == .contains ? Selection.maximumPatternByteCount : Selection.maximumTextByteCount
        guard value.utf8.count <= maximum else {
            throw FilterError(name, "The value is too long.")
        }
        switch filter {
        case .isNull:
            guard case .boolean(let isNull)? = FieldType.boolean.value(of: value) else {
                throw FilterError(name, FieldMessage.invalid(.boolean))
            }
            return isNull ? .isNull(field.name) : .not(.isNull(field.name))
        case .isIn:
            var values: [RowValue] = []
            for part in value.split(separator: ",") { values.append(try self.value(name, field, String(part))) }
            return .values(field.name, values)
        case .range:
            let parts = value.split(separator: ",", omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw FilterError(name, "A range has two values, separated by a comma.") }
            return .range(
                field.name, try self.value(name, field, String(parts[0])), try self.value(name, field, String(parts[1]))
            )
        default:
            let comparisons: [(FilterOperators, Selection.Comparison)] = [
                (.less, .less), (.lessOrEqual, .lessOrEqual), (.greater, .greater), (.greaterOrEqual, .greaterOrEqual),
                (.contains, .contains), (.startsWith, .startsWith), (.endsWith, .endsWith),
            ]
            let comparison = comparisons.first { $0.0 == filter }?.1 ?? .equal
            return .comparison(field.name, comparison, try self.value(name, field, value))
        }
    }

    /// Returns the field and the filter of a parameter, or nil if there is no such filter.
    private func filter(named name: String) -> (FieldDescription, FilterOperators)? {
        let parts = name.split(separator: "__", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let field = fields[String(first)] else { return nil }
        let suffix = parts.count == 2 ? String(parts[1]) : "exact"
        guard let filter = FilterOperators.suffixes.first(where: { $0.name == suffix })?.filter,
            field.filters.contains(filter), filter != .isNull || field.isOptional,
            field.type == .text || FilterOperators.text.isDisjoint(with: filter)
        else { return nil }
        return (field, filter)
    }

    private func value(_ name: String, _ field: FieldDescription, _ text: String) throws(FilterError) -> RowValue {
        guard let value = field.type.value(of: text) else { throw FilterError(name, FieldMessage.invalid(field.type)) }
        if text.utf8.contains(0) { throw FilterError(name, FieldMessage.nullCharacter) }
        return value
    }
}

extension FieldType {
    /// Returns the value that a text stands for, such as a query parameter or a part of a path, or nil if it stands for none of this
    /// type.
    public func value(of text: String) -> RowValue? {
        switch self {
        case .integer: Int64(text).map { .integer($0) }
        case .number:
            // `Double` also accepts hexadecimal digits, infinities and NaN.
            text.utf8.allSatisfy { "+-.0123456789eE".utf8.contains($0) } && text.utf8.count <= 1000
                ? Double(text).flatMap { $0.isFinite ? .number($0) : nil } : nil
        case .boolean:
            switch text {
            case "true", "True", "1": .boolean(true)
            case "false", "False", "0": .boolean(false)
            default: nil
            }
        case .text: .text(text)
        }
    }
}
