#if PostgreSQL
import BulkOperations
import PostgreSQLTransport

/// The statement that leases a part.
///
/// It locks the part that it leases, and passes over parts that other workers are leasing. It does not lock the operation, which all
/// workers of one operation would wait for.
struct LeaseStatement {
    /// The row of the statement.
    struct Row {
        /// The leased part, or nil if there is nothing to do.
        let part: Part?
        /// Whether a lease has expired, so that another part may become ready. Parts that their workers are carrying out do not count.
        let hasExpired: Bool
    }

    /// A leased part.
    struct Part {
        let sequence: Int64
        let number: Int
        let token: Int
        let attempts: Int
        let items: Range<Int>
        let isRecorded: Bool
        /// Whether the part waited for another attempt.
        let isRepeated: Bool
    }

    let worker: String
    let resources: Set<String>
    let settings: BulkQueueSettings
    let time: QueueTime

    func execute(_ client: PostgreSQLClient) async throws -> Row {
        let result = try await client.execute(
            Self.text,
            [
                time.parameter, .texts(resources.sorted()), .text(worker), .integer(settings.leaseDuration.nanoseconds),
                .boolean(settings.prefersSmallOperations), .integer(QueueRules.agingInterval),
            ])
        func integer(_ column: Int) -> Int { Int(result.integer(0, column) ?? 0) }
        let hasExpired = result.boolean(0, 0) == true
        guard let sequence = result.integer(0, 1) else { return Row(part: nil, hasExpired: hasExpired) }
        let part = Part(
            sequence: sequence, number: integer(2), token: integer(3), attempts: integer(4),
            items: integer(5)..<integer(5) + integer(6), isRecorded: result.boolean(0, 7) == true,
            isRepeated: result.boolean(0, 8) == true)
        return Row(part: part, hasExpired: hasExpired)
    }

    /// Parts whose outcome was recorded by a worker that then stopped come first. Of the operations that have not ended, in their order, the
    /// first one with a part that is ready and not locked is chosen. One that was cancelled has such a part if a worker was leasing it then and
    /// did not finish: whoever leases it ends it.
    private static let text = """
        WITH expired AS (
            SELECT number FROM bulk_parts WHERE state = 'leased' AND lease_until < \(QueueTime.sql)
            LIMIT 1 FOR UPDATE SKIP LOCKED
        ), turn AS (
            SELECT last_value % $6 = $6 - 1 AS is_aging FROM bulk_leases
        ), recorded AS (
            SELECT bulk_parts.operation, bulk_parts.number FROM bulk_parts
            JOIN bulk_operations ON sequence = bulk_parts.operation
            WHERE bulk_parts.state = 'recorded' AND lease_until < \(QueueTime.sql) AND resource = ANY ($2)
            LIMIT 1 FOR UPDATE OF bulk_parts SKIP LOCKED
        ), candidates AS MATERIALIZED (
            SELECT sequence FROM turn, bulk_operations LEFT JOIN bulk_users USING (user_id)
            WHERE finished_at IS NULL AND bulk_operations.state IN ('queued', 'running', 'cancelling') AND resource = ANY ($2)
            ORDER BY CASE WHEN is_aging OR NOT $5 THEN 0 ELSE priority END,
                CASE WHEN is_aging THEN 0 ELSE coalesce(served, 0) END, sequence
        ), ready AS (
            SELECT part.operation, part.number FROM candidates CROSS JOIN LATERAL (
                SELECT operation, number FROM bulk_parts WHERE operation = candidates.sequence AND state = 'ready'
                AND run_at <= \(QueueTime.sql) ORDER BY first_index + 0 LIMIT 1 FOR UPDATE SKIP LOCKED
            ) AS part LIMIT 1
        ), picked AS (
            SELECT operation, number FROM recorded UNION ALL SELECT operation, number FROM ready LIMIT 1
        ), leased AS (
            UPDATE bulk_parts AS part SET token = token + 1, lease_until = \(QueueTime.sql) + $4, worker = $3,
            state = CASE WHEN state = 'ready' THEN 'leased' ELSE state END,
            attempts = attempts + CASE WHEN state = 'ready' THEN 1 ELSE 0 END
            FROM picked WHERE part.operation = picked.operation AND part.number = picked.number
            RETURNING part.operation, part.number, token, attempts, first_index, item_count, state = 'recorded',
                run_at > 0, nextval('bulk_leases')
        ), served AS (
            INSERT INTO bulk_users AS known (user_id, served)
            SELECT user_id, 1 FROM bulk_operations JOIN leased ON sequence = leased.operation
            ON CONFLICT (user_id) DO UPDATE SET served = known.served + 1
        )
        SELECT EXISTS (SELECT 1 FROM expired), leased.*
        FROM (SELECT 1) AS always LEFT JOIN leased ON true
        """
}
#endif
