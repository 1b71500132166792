import Metrics

/// The metrics of a worker.
struct OperationMetrics: Sendable {
    private let chunks = Counter(label: "bulk_operations_chunks_total")
    private let items = Counter(label: "bulk_operations_items_total")
    private let retries = Counter(label: "bulk_operations_retries_total")
    private let time = Metrics.Timer(label: "bulk_operations_chunk_duration")

    func recordChunk(itemCount: Int, time duration: Duration) {
        chunks.increment()
        items.increment(by: itemCount)
        time.record(duration: duration)
    }

    func recordRetry() { retries.increment() }
}
