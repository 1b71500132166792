/// What waiting for a flight came to.
enum FlightOutcome: Sendable {
    /// The answer.
    case entry(CacheEntry)
    /// There was no answer for others, and it is this request's turn to run the handler.
    case turn(FlightTurn)
    /// The limit has passed.
    case timedOut
    /// The task of the request was cancelled.
    case cancelled
}
