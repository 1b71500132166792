/// How the server writes a field that clients do not write.
public enum FieldComputation: Sendable {
    /// Computed from another field whenever that field is written. Null gives null.
    case source(String, @Sendable (RowValue) -> RowValue)
    /// Computed whenever a row is created, updated or replaced.
    case everyWrite(@Sendable () -> RowValue)
    /// Computed when a row is created.
    case creation(@Sendable () -> RowValue)
}
