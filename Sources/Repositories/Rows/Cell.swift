/// The value of one field in one row of a ``RowBatch``, in 16 bytes.
public enum Cell: Sendable, Hashable {
    /// Nothing was given for the field: an update keeps the old value, and a new row gets the default.
    case absent
    /// No value.
    case null
    /// An integer.
    case integer(Int64)
    /// A floating-point number.
    case number(Double)
    /// A Boolean.
    case boolean(Bool)
    /// A text, by its position and its number of bytes in the text of the batch.
    case text(offset: Int, length: UInt32)
}
