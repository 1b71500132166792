import Foundation
import NIOCore
import Workload

/// One connection that sends prepared requests and receives responses with the measured body.
///
/// It does almost no work in user mode, so that the measured work is that of the server.
final class BlockingClient {
    private let descriptor: Int32
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private let bodySize = Workload.json.readableBytes
    private var received = 0

    init(port: Int) {
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
        String(decoding: buffer[..<max(0, received - bodySize)], as: UTF8.self)
    }

    /// Sends a request.
    func send(_ request: [UInt8]) {
        let sent = request.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, 0) }
        precondition(sent == request.count, "sending the request failed")
    }

    /// Receives a response.
    ///
    /// The body is JSON whose only closing bracket is its last byte, so a response ends with the first bracket
    /// after as many bytes as the body has. No head is parsed.
    func receive() {
        received = 0
        repeat {
            let count = recv(descriptor, buffer.baseAddress! + received, buffer.count - received, 0)
            precondition(count > 0, "the server closed the connection")
            received += count
        } while received <= bodySize || buffer[received - 1] != UInt8(ascii: "]")
    }
}
