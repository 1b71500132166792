/// What clients send to a server, and how they find the ends of its responses.
struct Traffic {
    /// The requests, which are sent in turn.
    var requests: [[UInt8]]
    /// The bytes with which each response ends, and which it has nowhere else.
    var ending: [UInt8]
}
