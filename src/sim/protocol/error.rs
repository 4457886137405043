//! Errors as they travel: the wire code of the service model (not the shape's name) and its HTTP status.

use super::{Node, Xml};

/// An error code of the RDS API, of the query protocol, or of a broken road to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// 403, no permission.
    AccessDenied,
    /// 400, a stack of that name exists.
    AlreadyExists,
    /// 404, no such rewind.
    BacktrackNotFound,
    /// 400, the identifier is taken.
    ClusterAlreadyExists,
    /// 404, no automated backup of that resource id.
    ClusterAutomatedBackupNotFound,
    /// 404, no such cluster.
    ClusterNotFound,
    /// 404, no such cluster parameter group.
    ClusterParameterGroupNotFound,
    /// 403, too many clusters.
    ClusterQuotaExceeded,
    /// 400, a snapshot of that name exists.
    ClusterSnapshotAlreadyExists,
    /// 404, no such certificate authority.
    CertificateNotFound,
    /// 400, the cluster has that role.
    RoleAlreadyExists,
    /// 404, the cluster has no such role.
    RoleNotFound,
    /// 400, too many roles of one cluster.
    RoleQuotaExceeded,
    /// 404, no such global database.
    GlobalClusterNotFound,
    /// 403, no room for a cluster.
    InsufficientClusterCapacity,
    /// 400, no storage for a cluster.
    InsufficientStorage,
    /// 400, a key of nobody or of another Region.
    KeyNotAccessible,
    /// 400, a kind of network that a cluster can't have.
    NetworkTypeNotSupported,
    /// 404, no such option group.
    OptionGroupNotFound,
    /// 400, no such secret.
    SecretNotFound,
    /// 404, no such snapshot of an instance.
    SnapshotNotFound,
    /// 400, storage that a cluster can't have.
    StorageTypeNotSupported,
    /// 404, no such directory.
    DomainNotFound,
    /// 404, no such cluster snapshot.
    ClusterSnapshotNotFound,
    /// 403, temporary credentials ran out.
    ExpiredToken,
    /// 400, the instance identifier is taken.
    InstanceAlreadyExists,
    /// 404, no such instance.
    InstanceNotFound,
    /// 400, too many instances.
    InstanceQuotaExceeded,
    /// 400, no room for an instance of the class.
    InsufficientInstanceCapacity,
    /// 500, the service failed.
    InternalFailure,
    /// 400, no such action in this version.
    InvalidAction,
    /// 400, the snapshot's status forbids it.
    InvalidClusterSnapshotState,
    /// 400, the cluster's status forbids it.
    InvalidClusterState,
    /// 400, the instance's status forbids it.
    InvalidInstanceState,
    /// 400, the parameter group is in use or belongs to everybody.
    InvalidParameterGroupState,
    /// 400, parameters that exclude or demand each other.
    InvalidParameterCombination,
    /// 400, a token that no answer gave.
    InvalidNextToken,
    /// 400, a parameter out of range.
    InvalidParameterValue,
    /// 400, the subnets do not reach where they must.
    InvalidVpcNetworkState,
    /// 400, a subnet that is not there or stands elsewhere.
    InvalidSubnet,
    /// 400, the subnet group is in use.
    InvalidSubnetGroupState,
    /// 400, not a form.
    MalformedQueryString,
    /// 400, no `Action` in the form.
    MissingAction,
    /// 400, a required parameter is absent.
    MissingParameter,
    /// 400, the subnets lie in too few zones.
    NotEnoughZones,
    /// 501, known to AWS, unknown to this simulator.
    NotImplemented,
    /// 408, the body did not arrive in time.
    RequestTimeout,
    /// 413, the body is too big.
    RequestTooLarge,
    /// 400, a parameter group of that name exists.
    ParameterGroupAlreadyExists,
    /// 404, no such parameter group.
    ParameterGroupNotFound,
    /// 400, too many parameter groups.
    ParameterGroupQuotaExceeded,
    /// 400, a body that its protocol can't read.
    Serialization,
    /// 400, no room for more data.
    StorageQuotaExceeded,
    /// 400, too many snapshots.
    SnapshotQuotaExceeded,
    /// 400, a subnet group of that name exists.
    SubnetGroupAlreadyExists,
    /// 404, no such subnet group.
    SubnetGroupNotFound,
    /// 400, too many subnet groups.
    SubnetGroupQuotaExceeded,
    /// 400, too many subnets in a group.
    SubnetQuotaExceeded,
    /// 400, too many requests.
    Throttling,
    /// 400, a parameter that services other than RDS refuse.
    Validation,
}

impl Code {
    /// The code on the wire and its HTTP status (service model; some codes lack the `Fault` of their shape).
    pub const fn wire(self) -> (&'static str, u16) {
        match self {
            Self::AccessDenied => ("AccessDenied", 403),
            Self::AlreadyExists => ("AlreadyExistsException", 400),
            Self::BacktrackNotFound => ("DBClusterBacktrackNotFoundFault", 404),
            Self::ClusterAlreadyExists => ("DBClusterAlreadyExistsFault", 400),
            Self::ClusterAutomatedBackupNotFound => ("DBClusterAutomatedBackupNotFoundFault", 404),
            Self::ClusterNotFound => ("DBClusterNotFoundFault", 404),
            Self::SecretNotFound => ("ResourceNotFoundException", 400),
            Self::ClusterParameterGroupNotFound => ("DBClusterParameterGroupNotFound", 404),
            Self::ClusterQuotaExceeded => ("DBClusterQuotaExceededFault", 403),
            Self::ClusterSnapshotAlreadyExists => ("DBClusterSnapshotAlreadyExistsFault", 400),
            Self::CertificateNotFound => ("CertificateNotFound", 404),
            Self::RoleAlreadyExists => ("DBClusterRoleAlreadyExists", 400),
            Self::RoleNotFound => ("DBClusterRoleNotFound", 404),
            Self::RoleQuotaExceeded => ("DBClusterRoleQuotaExceeded", 400),
            Self::GlobalClusterNotFound => ("GlobalClusterNotFoundFault", 404),
            Self::InsufficientClusterCapacity => ("InsufficientDBClusterCapacityFault", 403),
            Self::InsufficientStorage => ("InsufficientStorageClusterCapacity", 400),
            Self::KeyNotAccessible => ("KMSKeyNotAccessibleFault", 400),
            Self::NetworkTypeNotSupported => ("NetworkTypeNotSupported", 400),
            Self::OptionGroupNotFound => ("OptionGroupNotFoundFault", 404),
            Self::SnapshotNotFound => ("DBSnapshotNotFound", 404),
            Self::StorageTypeNotSupported => ("StorageTypeNotSupported", 400),
            Self::DomainNotFound => ("DomainNotFoundFault", 404),
            Self::ClusterSnapshotNotFound => ("DBClusterSnapshotNotFoundFault", 404),
            Self::ExpiredToken => ("ExpiredToken", 403),
            Self::InstanceAlreadyExists => ("DBInstanceAlreadyExists", 400),
            Self::InstanceNotFound => ("DBInstanceNotFound", 404),
            Self::InstanceQuotaExceeded => ("InstanceQuotaExceeded", 400),
            Self::InsufficientInstanceCapacity => ("InsufficientDBInstanceCapacity", 400),
            Self::InternalFailure => ("InternalFailure", 500),
            Self::InvalidAction => ("InvalidAction", 400),
            Self::InvalidClusterSnapshotState => ("InvalidDBClusterSnapshotStateFault", 400),
            Self::InvalidClusterState => ("InvalidDBClusterStateFault", 400),
            Self::InvalidInstanceState => ("InvalidDBInstanceState", 400),
            Self::InvalidNextToken => ("InvalidNextToken", 400),
            Self::InvalidParameterCombination => ("InvalidParameterCombination", 400),
            Self::InvalidParameterGroupState => ("InvalidDBParameterGroupState", 400),
            Self::InvalidParameterValue => ("InvalidParameterValue", 400),
            Self::InvalidVpcNetworkState => ("InvalidVPCNetworkStateFault", 400),
            Self::InvalidSubnet => ("InvalidSubnet", 400),
            Self::InvalidSubnetGroupState => ("InvalidDBSubnetGroupStateFault", 400),
            Self::MalformedQueryString => ("MalformedQueryString", 400),
            Self::MissingAction => ("MissingAction", 400),
            Self::MissingParameter => ("MissingParameter", 400),
            Self::NotEnoughZones => ("DBSubnetGroupDoesNotCoverEnoughAZs", 400),
            Self::NotImplemented => ("NotImplemented", 501),
            Self::RequestTimeout => ("RequestTimeout", 408),
            Self::RequestTooLarge => ("RequestEntityTooLarge", 413),
            Self::ParameterGroupAlreadyExists => ("DBParameterGroupAlreadyExists", 400),
            Self::ParameterGroupNotFound => ("DBParameterGroupNotFound", 404),
            Self::ParameterGroupQuotaExceeded => ("DBParameterGroupQuotaExceeded", 400),
            Self::StorageQuotaExceeded => ("StorageQuotaExceeded", 400),
            Self::Serialization => ("SerializationException", 400),
            Self::SnapshotQuotaExceeded => ("SnapshotQuotaExceeded", 400),
            Self::SubnetGroupAlreadyExists => ("DBSubnetGroupAlreadyExists", 400),
            Self::SubnetGroupNotFound => ("DBSubnetGroupNotFoundFault", 404),
            Self::SubnetGroupQuotaExceeded => ("DBSubnetGroupQuotaExceeded", 400),
            Self::SubnetQuotaExceeded => ("DBSubnetQuotaExceededFault", 400),
            Self::Throttling => ("ThrottlingException", 400),
            Self::Validation => ("ValidationError", 400),
        }
    }
}

/// A refusal, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of refusal.
    pub code: Code,
    /// The sentence for the reader.
    pub message: String,
}

impl ApiError {
    /// An error of `code` with its sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A parameter whose value breaks a rule.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameterValue, message)
    }

    /// A parameter that a service other than RDS refuses.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(Code::Validation, message)
    }

    /// Parameters that exclude or demand each other.
    pub fn combination(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameterCombination, message)
    }

    /// The HTTP status that carries this error.
    pub const fn status(&self) -> u16 {
        self.code.wire().1
    }

    /// The whole answer.
    pub fn document(&self, namespace: &str, request_id: &str) -> Vec<u8> {
        let (code, status) = self.code.wire();
        let mut xml = Xml::new();
        xml.root("ErrorResponse", namespace, |xml| {
            xml.element("Error", |xml| {
                xml.text("Type", if status < 500 { "Sender" } else { "Receiver" });
                xml.text("Code", code);
                xml.text("Message", &self.message);
            });
            xml.text("RequestId", request_id);
        });
        xml.into_bytes()
    }

    /// The answer in JSON or CBOR: the shape's name, without which no client knows the kind.
    pub fn tree(&self) -> Node {
        let shape = match self.code {
            Code::InvalidParameterCombination => "InvalidParameterCombinationException",
            Code::InvalidParameterValue => "InvalidParameterValueException",
            Code::MissingParameter => "MissingRequiredParameterException",
            other => other.wire().0,
        };
        Node::Map(vec![
            ("__type", Node::Text(format!("com.amazonaws.cloudwatch#{shape}"))),
            ("message", Node::Text(self.message.clone())),
        ])
    }

    /// The code of the query protocol, for the header `x-amzn-query-error`.
    pub fn query_code(&self) -> String {
        let (code, status) = self.code.wire();
        format!("{code};{}", if status < 500 { "Sender" } else { "Receiver" })
    }
}
