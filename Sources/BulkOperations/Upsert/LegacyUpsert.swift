import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories

/// The older form of an upsert in django-drf-extensions: `{"data": [...], "unique_fields": [...], "update_fields": [...]}`.
///
/// The lists of the body replace the parameters of the query.
struct LegacyUpsert {
    /// The items as a JSON array.
    let items: ByteBuffer
    /// The unique fields, separated by commas.
    let uniqueFields: String
    /// The fields to set, separated by commas.
    let updateFields: String?

    /// Reads the older form, or returns nil for an object without both `data` and `unique_fields`, which is an item.
    ///
    /// - Throws: ``BulkRefusal`` for lists that are none, and `JSONSyntaxError` for anything that is not JSON.
    init?(_ body: ByteBuffer) throws {
        guard let members = try JSONItems.members(of: body) else { return nil }
        func value(_ name: String) -> ByteBuffer? {
            members.last { $0.name == name }.flatMap {
                body.getSlice(at: body.readerIndex + $0.range.lowerBound, length: $0.range.count)
            }
        }
        guard let data = value("data"), let unique = value("unique_fields") else { return nil }
        guard data.readableBytesView.first == UInt8(ascii: "[") else {
            throw BulkRefusal(
                ProblemDetails(.badRequest, "Expected data to be a list (array) of objects."))
        }
        let invalid = BulkRefusal(
            ProblemDetails(.badRequest, "unique_fields is required and must be a list of field names"))
        guard let names = Self.names(unique), !names.isEmpty else { throw invalid }
        items = data
        uniqueFields = names.joined(separator: ",")
        guard let updating = value("update_fields") else {
            updateFields = nil
            return
        }
        guard let names = Self.names(updating) else {
            throw BulkRefusal(ProblemDetails(.badRequest, "update_fields must be a list of field names"))
        }
        updateFields = names.joined(separator: ",")
    }

    private static func names(_ json: ByteBuffer) -> [String]? {
        try? JSONDecoder().decode([String].self, from: Data(json.readableBytesView))
    }
}
