public import Repositories

/// What an operation does, as it was accepted. It does not change afterwards.
public struct OperationRequest: Sendable, Hashable, Codable {
    /// What happens with each item.
    public enum Kind: Sendable, Hashable, Codable {
        /// Each item is a new row.
        case create
        /// Each item has the key of a row and the fields to set.
        case update
        /// Each item has the key of a row and all its fields.
        case replace
        /// Each item is the key of a row to delete.
        case delete
        /// Each item is a new row, or sets fields of the row with the same values in unique fields.
        case upsert(uniqueBy: [String], updating: [String]?)
        /// Each item is the key of a row to read. Without items, all rows of the scope are read.
        case get
    }

    /// The form of the items.
    public enum Format: Sendable, Hashable, Codable {
        /// JSON or JSON Lines. Chunks are arrays.
        case json
        /// CSV. Chunks are lines without the header.
        case csv(CSVSource)
    }

    /// The name of the resource.
    public var resource: String
    /// What happens with each item.
    public var kind: Kind
    /// The form of the items.
    public var format: Format
    /// The user whose operation it is, or nil for an anonymous client.
    public var userID: String?
    /// The rows that the operation may use. The access rule selected them when the operation was accepted.
    public var scope: Selection
    /// The values that all rows have because of the path, by field.
    public var bound: [String: RowValue] = [:]
    /// Whether one failed item keeps all items from being written.
    public var isAtomic = false
    /// Whether everything happens but nothing stays.
    public var isDryRun = false
    /// The number of failed items above which the operation ends, or nil for any number. It is compared after each chunk.
    public var maximumErrorCount: Int?
    /// The name of the uploaded file.
    public var fileName: String?

    /// Creates a request.
    ///
    /// - Parameters:
    ///   - kind: What happens with each item.
    ///   - resource: The name of the resource.
    ///   - format: The form of the items.
    ///   - scope: The rows that the operation may use.
    ///   - userID: The user whose operation it is.
    public init(
        _ kind: Kind, of resource: String, format: Format = .json, scope: Selection = .all, for userID: String? = nil
    ) {
        (self.kind, self.resource, self.format, self.scope, self.userID) = (kind, resource, format, scope, userID)
    }

    /// Whether all chunks are carried out in one transaction.
    public var isOneTransaction: Bool { isAtomic || isDryRun }
}
