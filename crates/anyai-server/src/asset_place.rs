//! Where a studio's pictures, clips and documents are kept: a folder, or a bucket.

use std::path::Path;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;

/// Where a studio's files are kept.
#[derive(Clone, Debug, Default)]
pub enum AssetPlace {
    /// In the folder `assets` in the data folder.
    #[default]
    Folder,
    /// In a store of objects, under a prefix.
    Objects(Arc<dyn ObjectStore>, Key),
}

/// An address of a store of objects that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{address} is no place for files: {problem}")]
pub struct BadAssetAddress {
    /// The address.
    pub address: String,
    /// What is wrong with it.
    pub problem: String,
}

impl AssetPlace {
    /// A bucket like `s3://bucket/prefix`, reached as the variables of the environment say that
    /// begin with `AWS_`: its keys, its region, another endpoint.
    ///
    /// # Errors
    /// [`BadAssetAddress`] when it is no such address, or a variable is malformed.
    pub fn bucket(address: &str) -> Result<Self, BadAssetAddress> {
        let bad = |problem: String| BadAssetAddress {
            address: address.to_owned(),
            problem,
        };
        let Some(path) = address.strip_prefix("s3://") else {
            return Err(bad("it does not begin with s3://".to_owned()));
        };
        let prefix = path.split_once('/').map_or("", |(_, prefix)| prefix);
        let prefix = Key::parse(prefix).map_err(|error| bad(error.to_string()))?;
        let bucket = AmazonS3Builder::from_env().with_url(address).build();
        let bucket = bucket.map_err(|error| bad(error.to_string()))?;
        Ok(Self::Objects(Arc::new(bucket), prefix))
    }

    pub(crate) fn open(self, folder: &Path) -> std::io::Result<(Arc<dyn ObjectStore>, Key)> {
        match self {
            Self::Folder => {
                std::fs::create_dir_all(folder)?;
                let files = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                Ok((Arc::new(files), Key::default()))
            }
            Self::Objects(files, prefix) => Ok((files, prefix)),
        }
    }
}
