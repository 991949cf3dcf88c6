import Glibc

/// A port of this machine that nobody listens on and that nobody else is given, until this ends.
///
/// A broker that is down comes back on the port it had. The system gives free ports to whoever connects or listens, and librdkafka
/// ends the process where its broker's port was given away meanwhile. A socket that is bound and does not listen keeps the
/// port; connections to it are refused as if there were none, and one that may share the address, as the broker's may, can
/// listen beside it.
final class HeldPort: Sendable {
    private let descriptor: Int32

    /// Nil where somebody else has the port, or there is no descriptor left.
    init?(_ port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { return nil }
        var shares: Int32 = 1
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The pointers are to locals, for as long as each call.
        let isHeld = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &shares, socklen_t(MemoryLayout<Int32>.size))
                    == 0 && bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isHeld { return nil }
    }

    deinit { close(descriptor) }
}
