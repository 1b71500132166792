import Foundation

/// One connection that sends prepared requests and receives responses.
///
/// It does almost no work in user mode, so that the measured work is that of the server.
final class BlockingClient {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private let traffic: Traffic
    private var received = 0
    private var sentCount = 0

    init(port: Int, traffic: Traffic) {
        self.traffic = traffic
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "the server does not respond")
        var isOn: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The head of the last response.
    var lastHead: String {
        let response = String(decoding: buffer[..<received], as: UTF8.self)
        return response.firstRange(of: "\r\n\r\n").map { String(response[..<$0.upperBound]) } ?? response
    }

    /// Sends the next request.
    func send() {
        let request = traffic.requests[sentCount % traffic.requests.count]
        sentCount += 1
        let sent = request.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, 0) }
        precondition(sent == request.count, "sending the request failed")
    }

    /// Receives a response. No head is parsed.
    func receive() {
        received = 0
        repeat {
            let count = recv(descriptor, buffer.baseAddress! + received, buffer.count - received, 0)
            precondition(count > 0, "the server closed the connection")
            received += count
        } while !buffer[..<received].ends(with: traffic.ending)
    }
}

extension Slice<UnsafeMutableRawBufferPointer> {
    fileprivate func ends(with ending: [UInt8]) -> Bool {
        count >= ending.count && suffix(ending.count).elementsEqual(ending)
    }
}
