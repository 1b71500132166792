/// The place of one request among those that wait for a flight.
struct FlightTicket: Sendable, Hashable {
    let flight: Int
    let waiter: Int
}
