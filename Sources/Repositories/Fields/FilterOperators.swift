/// The filters that clients may use on a field.
public struct FilterOperators: OptionSet, Sendable, Hashable {
    /// The operators as bits.
    public let rawValue: UInt16

    /// Creates a set from bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Equality: `field=value`, also spelled `field__exact=value`.
    public static let exact = FilterOperators(rawValue: 1 << 0)
    /// One of several values: `field__in=1,2,3`.
    public static let isIn = FilterOperators(rawValue: 1 << 1)
    /// Less than: `field__lt=value`.
    public static let less = FilterOperators(rawValue: 1 << 2)
    /// Less than or equal: `field__lte=value`.
    public static let lessOrEqual = FilterOperators(rawValue: 1 << 3)
    /// Greater than: `field__gt=value`.
    public static let greater = FilterOperators(rawValue: 1 << 4)
    /// Greater than or equal: `field__gte=value`.
    public static let greaterOrEqual = FilterOperators(rawValue: 1 << 5)
    /// Between two values, which are included: `field__range=1,9`.
    public static let range = FilterOperators(rawValue: 1 << 6)
    /// Texts that contain a text: `field__contains=text`.
    public static let contains = FilterOperators(rawValue: 1 << 7)
    /// Texts that begin with a text: `field__startswith=text`.
    public static let startsWith = FilterOperators(rawValue: 1 << 8)
    /// Texts that end with a text: `field__endswith=text`.
    public static let endsWith = FilterOperators(rawValue: 1 << 9)
    /// Null or not: `field__isnull=true`.
    public static let isNull = FilterOperators(rawValue: 1 << 10)

    /// Equality, lists of values and, for optional fields, null.
    public static let equality: FilterOperators = [.exact, .isIn, .isNull]
    /// Comparisons by order: less, greater, both also with equality, and ranges.
    public static let order: FilterOperators = [.less, .lessOrEqual, .greater, .greaterOrEqual, .range]
    /// Texts that begin with a text. An index on the column serves it.
    public static let prefix: FilterOperators = .startsWith
    /// Texts that contain, begin with or end with a text. Only the beginning is served by an index.
    public static let text: FilterOperators = [.contains, .startsWith, .endsWith]

    /// The operators by the suffixes of parameter names.
    static let suffixes: [(name: String, filter: FilterOperators)] = [
        ("exact", .exact), ("in", .isIn), ("lt", .less), ("lte", .lessOrEqual), ("gt", .greater),
        ("gte", .greaterOrEqual), ("range", .range), ("contains", .contains), ("startswith", .startsWith),
        ("endswith", .endsWith), ("isnull", .isNull),
    ]
}
