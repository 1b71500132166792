import HTTPPipeline
import HTTPTypes
import NIOCore
import Synchronization

/// The header fields of the answers that are made of one stored answer: its own, its Age, its Cache-Status and its length.
///
/// They change once a second. In between all hits share the memory of one set of fields. The length is among them because a
/// server that added it would have to copy the others; there is room for what it may add.
final class HitFields: Sendable {
    private struct Made {
        /// The moments for which the age is right.
        let validity: Range<Int64>
        let status: HTTPField
        let fields: HTTPFields
    }

    private let last = Mutex<Made?>(nil)

    /// The fields for a hit.
    ///
    /// - Parameters:
    ///   - entry: The stored answer, always the same one.
    ///   - moment: When it is hit.
    ///   - status: The Cache-Status field to add.
    /// - Returns: The fields of the stored answer with the age in place of the one it came with, the status and the length.
    func fields(of entry: CacheEntry, at moment: Timestamp, status: HTTPField) -> HTTPFields {
        let made = last.withLock { made -> HTTPFields? in
            guard let made, made.validity.contains(moment.nanoseconds), made.status.value == status.value
            else { return nil }
            return made.fields
        }
        if let made { return made }
        var fields = HTTPFields()
        // Date and Server come later.
        fields.reserveCapacity(entry.headerFields.count + 5)
        for field in entry.headerFields { fields.append(field) }
        fields[.age] = String(entry.age(at: moment))
        fields.append(status)
        // Answers with these never have one (RFC 9110 8.6).
        if entry.status.code != 204, entry.status.code != 304 {
            fields[.contentLength] = String(entry.body.readableBytes)
        }
        let new = Made(validity: Self.second(of: moment, since: entry.storedAt), status: status, fields: fields)
        last.withLock { $0 = new }
        return fields
    }

    /// The moments that are as many whole seconds after the start as this one; before the start it is the first second.
    static func second(of moment: Timestamp, since start: Timestamp) -> Range<Int64> {
        let (elapsed, overflow) = moment.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
        guard !overflow else { return moment.nanoseconds..<moment.nanoseconds }
        let second: Int64 = 1_000_000_000
        guard elapsed >= second else { return .min..<start.nanoseconds.addingSaturated(second) }
        let lower = moment.nanoseconds - elapsed % second
        return lower..<lower.addingSaturated(second)
    }
}

extension Int64 {
    fileprivate func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
