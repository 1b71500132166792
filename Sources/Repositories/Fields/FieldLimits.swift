/// The values that a field allows.
public enum FieldLimits: Sendable, Hashable {
    /// Every value of the field's type.
    case none
    /// The integers in a range.
    case integers(ClosedRange<Int64>)
    /// The numbers in a range.
    case numbers(ClosedRange<Double>)
    /// The texts whose length is in a range. The length is the number of Unicode scalars.
    case lengths(ClosedRange<Int>)
}
