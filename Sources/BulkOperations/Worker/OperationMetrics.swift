import Metrics

/// The metrics of a worker.
struct OperationMetrics: Sendable {
    private let chunks = Counter(label: "bulk_operations_chunks_total")
    private let items = Counter(label: "bulk_operations_items_total")
    private let depth = Gauge(label: "bulk_operations_queue_depth")
    private let retries = Counter(label: "bulk_operations_retries_total")
    private let time = Metrics.Timer(label: "bulk_operations_chunk_duration")

    func recordChunk(itemCount: Int, time duration: Duration) {
        chunks.increment()
        items.increment(by: itemCount)
        time.record(duration: duration)
    }

    func recordRetry() { retries.increment() }

    func recordDepth(_ count: Int) { depth.record(count) }

    func recordEnd(of operation: BulkOperation) {
        let state = ("state", operation.state.rawValue)
        Counter(label: "bulk_operations_total", dimensions: [state]).increment()
        Counter(label: "bulk_operations_failed_items_total").increment(by: operation.counts.failed)
    }
}
