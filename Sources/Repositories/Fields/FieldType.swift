/// The type of a field's values.
public enum FieldType: String, Sendable, Hashable, Codable, CaseIterable {
    /// A signed integer of 64 bits.
    case integer
    /// A finite floating-point number of 64 bits.
    case number
    /// True or false.
    case boolean
    /// A Unicode text. It is compared and ordered by the bytes of its UTF-8, which is also the order of its code points.
    case text
}
